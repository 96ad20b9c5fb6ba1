package jobfile_test

import (
	"testing"

	"waybill/engine/jobfile"
	"waybill/schemas"
	"waybill/steps"
)

func TestOperationsCheckTheFilesThatTheSchemaMarks(t *testing.T) {
	step := schemas.Compile().At("steps", "0")
	for _, op := range steps.All(steps.World{}) {
		_, checks := op.(jobfile.FileChecker)
		if marked := marksAFile(step.Child(op.Name())); marked != checks {
			t.Errorf("%s: a parameter is marked as a file: %v; the operation checks files: %v", op.Name(), marked, checks)
		}
	}
}

// marksAFile says whether the schema marks a place, or one inside, as a file.
func marksAFile(place *schemas.Place) bool {
	marked := place.File
	for _, name := range place.Keys() {
		marked = marked || marksAFile(place.Child(name))
	}
	return marked
}
