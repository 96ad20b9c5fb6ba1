package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print what lets your shell complete commands, flags and runs",
		Long: `Prints a script for bash, zsh, fish or powershell. Once it is read, the tab key completes commands, flags, job files, run
ids and codes.`,
		Example: `  source <(waybill completion bash)                        in ~/.bashrc
  waybill completion zsh > "${fpath[1]}/_waybill"
  waybill completion fish > ~/.config/fish/completions/waybill.fish
  waybill completion powershell | Out-String | Invoke-Expression`,
		Args:                  exactly("SHELL"),
		ValidArgs:             shells,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("completion", args[0], shells); err != nil {
				return err
			}
			switch root := c.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			}
			return c.Root().GenPowerShellCompletionWithDesc(a.out)
		},
	}
}
