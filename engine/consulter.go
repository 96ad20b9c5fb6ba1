package engine

import (
	"context"

	"waybill/engine/diag"
)

// Consulter is a Sender whose messages are checked by what others decide, such as the text of a template that WhatsApp holds.
type Consulter interface {
	// Informed says whether it is known already what a step's messages are checked by, from what lies beside the job.
	Informed(job *Job, s *Step) bool
	// Consult asks for it, before the first message of a run that reaches many, and checks the step by it. Findings are about the
	// job's own words; rows are checked when their messages are made. Its error says why nobody knows.
	Consult(ctx context.Context, job *Job, s *Step, c []Connection) (diag.List, error)
}
