package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"waybill/engine/diag"
)

// Env is the process as the program sees it. All fields but Terminal, AtOnce and Engines are required.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	LookupEnv      func(string) (string, bool)
	Now            func() time.Time
	Terminal       Terminal
	AtOnce         <-chan struct{} // closed: Main returns at once, also while a command is under way; nil: never, see Interrupts
	Engines        []Engine        // of this build, beside local
	Shared         func()          // called before a ledger is opened that many processes share; nil: nothing
}

// Terminal says which streams are terminals. The zero value: none.
type Terminal struct {
	In, Out, Err bool
	Columns      func() int // of the one behind standard error; nil: 80
}

// TerminalOf asks the operating system.
func TerminalOf(in, out, err *os.File) Terminal {
	is := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return Terminal{In: is(in), Out: is(out), Err: is(err), Columns: func() int {
		if wide, _, err := term.GetSize(int(err.Fd())); err == nil && wide > 0 {
			return wide
		}
		return 80
	}}
}

// Main runs one command line and returns the exit status, see the Exit constants. When ctx ends, sending commands
// begin nothing new, record what is in flight and say how to go on. When env.AtOnce is closed Main says so and
// returns ExitInterrupted while the command is still under way: the process is to end then.
func Main(ctx context.Context, args []string, env Env) int {
	a := newApp(env)
	ended := make(chan int, 1)
	go func() { ended <- a.main(ctx, args) }()
	select {
	case code := <-ended:
		return code
	case <-env.AtOnce:
		return a.endAtOnce()
	}
}

// main runs the command line to its end.
func (a *app) main(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // nil would mean those of the process
	err := root.ExecuteContext(ctx)
	code := a.explain(ctx, err)
	a.closeSpools()
	_ = a.err.Close() // no stream is left to report it on
	if err := a.printed(a.out.Close()); err != nil && code == ExitDone {
		return ExitFailed
	}
	return code
}

// root is the command without a name: the list of all others.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "waybill",
		Short: "Sends the WhatsApp messages that a YAML file asks for, once, and proves it",
		Long:  rootText,
		Args:  cobra.ArbitraryArgs,
		RunE:  a.unknownCommand,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if f := c.Flags().Lookup("output"); f != nil {
				a.format = f.Value.String()
			}
			if err := refuseBlank(c); err != nil {
				return err
			}
			return a.takeState(c)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetIn(a.env.Stdin)
	a.bindGlobal(root)
	root.SetFlagErrorFunc(flagError)
	a.addCommands(root)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpFunc(a.help)
	root.Flags().BoolVar(&a.version, "version", false, "print the program's version")
	return root
}

// bindGlobal binds the flags that every command has.
func (a *app) bindGlobal(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.BoolVar(&a.noColor, "no-color", false, "no colours, whatever the terminal can (also NO_COLOR)")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "results and errors alone")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "tell more on standard error")
	flags.BoolVar(&a.insecureLedger, "insecure-ledger", false, "the way to the ledger's database may be open to others")
	flags.StringVar(&a.witness, "witness", "", "`FILE` on a volume that lasts, by which a ledger that was put back to an earlier time is recognised (default .waybill/witness-ID)")
	flags.BoolVar(&a.showRecipients, "show-recipients", false, "show people's data also where many can see it: see plan --help")
}

// addCommands adds the commands, in the groups and the order in which help lists them.
func (a *app) addCommands(root *cobra.Command) {
	root.AddGroup(
		&cobra.Group{ID: "send", Title: "Send:"},
		&cobra.Group{ID: "look", Title: "See what happened:"},
		&cobra.Group{ID: "people", Title: "People:"},
		&cobra.Group{ID: "live", Title: "Stay and listen:"},
		&cobra.Group{ID: "write", Title: "Write job files:"},
		&cobra.Group{ID: "tools", Title: "Tools:"},
	)
	a.add(root, "send", a.runCommand(), a.applyCommand(), a.planCommand(), a.resumeCommand(), a.resolveCommand(),
		a.stopCommand(), a.cancelCommand())
	a.add(root, "look", a.runsCommand(), a.showCommand(), a.deliveriesCommand(), a.reportCommand(), a.proofCommand())
	a.add(root, "people", a.optOutsCommand(), a.forgetCommand())
	a.add(root, "write", a.initCommand(), a.validateCommand(), a.templatesCommand(), a.explainCommand(), a.schemaCommand())
	a.add(root, "live", a.serveCommand(), a.workerCommand(), a.scheduleCommand())
	help := a.helpCommand()
	a.add(root, "tools", a.doctorCommand(), a.ledgerCommand(), a.sandboxCommand(), a.completionCommand(), a.manCommand(), a.versionCommand(), help)
	root.SetHelpCommand(help)
}

const rootText = `Sends the WhatsApp messages that a YAML file asks for, once, and proves it.

  waybill init reminders      a first playbook, with data
  cd reminders
  waybill validate .          everything wrong with it, at once
  waybill run appointment-reminders.yaml --sandbox
                              try it: no account needed, nobody is messaged
  waybill plan appointment-reminders.yaml
                              what apply would send
  waybill apply appointment-reminders.yaml
                              send what was not sent yet; again: nothing to do

Exit status: ` + exitStatuses

const exitStatuses = `0 all done · 1 something failed · 2 plan --detailed-exitcode: there is something to do · 3 the file or the
command line is wrong, nothing was sent · 4 deliveries are in doubt · 5 stopped early, resume goes on · 130 interrupted`

// add adds the commands of one group.
func (a *app) add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
		a.order = append(a.order, c.Name())
	}
}

// unknownCommand is what the root does with words: help without any, else the nearest command.
func (a *app) unknownCommand(c *cobra.Command, args []string) error {
	switch {
	case a.version:
		return a.printVersion("text")
	case len(args) == 0:
		return c.Help()
	}
	var known []string
	for _, sub := range c.Commands() {
		known = append(known, sub.Name())
	}
	hint := "waybill --help lists the commands"
	if near := diag.Suggest(args[0], known); near != "" {
		hint = fmt.Sprintf("did you mean waybill %s?", near)
	}
	return usageError(fmt.Sprintf("unknown command %q", args[0]), hint)
}
