package cli

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/report"
	"waybill/whatsapp"
)

func (a *app) explainCommand() *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Tell the long story of a finding's code or of a WhatsApp error code, and how expressions are written",
		Long: `Tells what a code means and what to do. Without one it lists the codes of findings. In the place of a code, functions lists what
expressions can call, with an example each, and expressions tells how they are written, with recipes.`,
		Example: `  waybill explain unknown-operation
  waybill explain 131047
  waybill explain functions`,
		Args:              atMostOne,
		ValidArgsFunction: cobra.FixedCompletions(explained(), cobra.ShellCompDirectiveNoFileComp),
	}
	bindFormat(c, &format, "text", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return a.listCodes(format)
		case args[0] == "functions":
			return a.explainFunctions(format)
		case args[0] == "expressions":
			return a.explainExpressions(format)
		}
		if code, err := strconv.Atoi(args[0]); err == nil {
			return a.explainNumber(code, format)
		}
		return a.explainFinding(args[0], format)
	}
	return c
}

func (a *app) explainFunctions(format string) error {
	if format == "json" {
		return report.WriteJSON(a.out, eval.FunctionEntries())
	}
	_, err := io.WriteString(a.out, eval.FunctionsManual())
	return err
}

func (a *app) explainExpressions(format string) error {
	if format == "json" {
		return report.WriteJSON(a.out, map[string]string{"text": eval.ExpressionsManual()})
	}
	_, err := io.WriteString(a.out, eval.ExpressionsManual())
	return err
}

func (a *app) listCodes(format string) error {
	codes := []report.CodeTitle{}
	for _, entry := range diag.Codes() {
		codes = append(codes, report.CodeTitle{Code: entry.Name, Title: entry.Title})
	}
	if format == "json" {
		return report.WriteJSON(a.out, codes)
	}
	return report.WriteCodes(a.out, codes, a.paintOut())
}

func (a *app) explainNumber(number int, format string) error {
	code, known := whatsapp.Explain(number)
	if !known {
		return usageError(fmt.Sprintf("WhatsApp error code %d is not known here", number),
			"a code that is not known fails the delivery; see Meta's page \"Error codes\"")
	}
	if format == "json" {
		return report.WriteJSON(a.out, code)
	}
	return report.WriteMeaning(a.out, report.CodeDetail{
		Code: code.Code, Last: code.CodeMax, Title: code.Title, Class: string(code.Class), HTTP: code.HTTP,
		Retry: retryWords(code), Delivery: deliveryWords(code.Delivery), Action: code.Action,
	}, a.paintOut())
}

func retryWords(c whatsapp.Code) string {
	switch c.Retry {
	case whatsapp.RetryNever:
		if c.StopsRun() {
			return "no: the delivery fails and the run stops, for every later message would fail alike"
		}
		return "no: the delivery fails at once"
	case whatsapp.RetrySlow:
		return "yes, more slowly: the rate goes down and recovers"
	}
	return "yes, with growing waits"
}

func deliveryWords(how string) string {
	switch how {
	case "sync":
		return "in the answer to the request"
	case "async":
		return "later, in a status webhook: the message was accepted and then not delivered"
	}
	return "in the answer to the request, or later in a status webhook"
}

// explained are the words that explain takes, besides the numbers of WhatsApp's errors.
func explained() []string { return append([]string{"functions", "expressions"}, diag.Names()...) }

func (a *app) explainFinding(name, format string) error {
	entry, known := diag.Lookup(name)
	if !known {
		hint := "findings print their code in brackets"
		if near := diag.Suggest(name, explained()); near != "" {
			hint = fmt.Sprintf("did you mean waybill explain %s?", near)
		}
		return usageError(fmt.Sprintf("there is no code %q", name), hint)
	}
	if format == "json" {
		return report.WriteJSON(a.out, map[string]string{"code": entry.Name, "title": entry.Title, "story": entry.Story})
	}
	_, err := fmt.Fprintf(a.out, "%s: %s\n\n%s", a.paintOut().Bold(entry.Name), entry.Title, entry.Story)
	return err
}
