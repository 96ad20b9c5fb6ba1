package temporal

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplay replays histories: a workflow that began before a release goes on after it. Where this fails, what was changed in the workflow
// has to go through workflow.GetVersion. killed_worker.json and held_parts.json were recorded from a server
// (go test -run TestServerWorkerKilled -record FILE), the first before held parts were waited for apart; three_parts.json was written by
// hand, and has a part that is asked for once more after a pause.
func TestReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/*.json")
	if err != nil || len(histories) == 0 {
		t.Fatalf("there are no histories: %v", err)
	}
	for _, name := range histories {
		t.Run(filepath.Base(name), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: runWorkflow})
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet(), name); err != nil {
				t.Error(err)
			}
		})
	}
}
