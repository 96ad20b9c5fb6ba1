package cli

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/serve"
)

// announce prints where everything is, and warns of what is not set.
func (a *app) announce(server *serve.Server, o *serveOptions, made serve.Options) error {
	info, err := server.Info()
	if err != nil {
		return err
	}
	if made.Emulator != nil {
		card := sandboxCard(made.Listeners.Emulator.Addr().String())
		info.Sandbox, info.Try = &card, o.tryCommand(made.State, made.Jobs.List())
	}
	if o.format == "json" {
		err = report.WriteJSON(a.out, info)
	} else {
		err = info.WriteText(a.out, a.paintOut())
	}
	if err != nil {
		return fmt.Errorf("say where everything is: %w", err)
	}
	server.WarnUnset()
	return nil
}

// tryCommand is what sends into this ledger from a second terminal.
func (o *serveOptions) tryCommand(state string, jobs []*engine.Job) string {
	job, where := "JOB", ""
	if len(jobs) > 0 {
		job = quote(jobs[0].Source.Name)
	}
	if o.state != "" || len(jobs) == 0 {
		where = " --state " + quote(state)
	}
	return "waybill run " + job + " --sandbox" + where
}
