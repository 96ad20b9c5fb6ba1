package temporal

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplay replays histories: a workflow that began before a release goes on after it. Where this fails, what was changed in the workflow
// has to go through workflow.GetVersion. Those that are packed were recorded from a server (go test -run TestServerWorkerKilled -record FILE,
// and TestServerStages): killed_worker before held parts were waited for apart, held_parts before there were stages. three_parts was written
// by hand, and has a part that is asked for once more after a pause.
func TestReplay(t *testing.T) {
	names, err := filepath.Glob("testdata/*.json*")
	if err != nil || len(names) != 4 {
		t.Fatalf("the histories are %v: %v", names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: runWorkflow})
			if err := replayer.ReplayWorkflowHistory(quiet(), readHistory(t, name)); err != nil {
				t.Error(err)
			}
		})
	}
}

func readHistory(t *testing.T, name string) *historypb.History {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was read
	text := io.Reader(file)
	if strings.HasSuffix(name, ".gz") {
		if text, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	history, err := client.HistoryFromJSON(text, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return history
}
