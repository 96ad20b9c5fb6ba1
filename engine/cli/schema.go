package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"waybill/schemas"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of job files, for editors",
		Long: `Prints the JSON Schema of job files. Its descriptions are the manual of every key. An editor with the YAML language server
checks and completes a job file whose first line is

  # yaml-language-server: $schema=waybill.schema.json`,
		Example: "  waybill schema > waybill.schema.json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.out, "%s\n", schemas.Editor())
			return err
		},
	}
}
