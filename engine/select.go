package engine

import (
	"iter"
	"strings"
)

// AllSteps yields the steps of a job and those inside them, in the order of the file.
func (j *Job) AllSteps() iter.Seq[*Step] { return everyStep(j.Steps) }

// StepNamed returns the step that a user names by its path, else by its id: the first of that id. Nil: there is none.
func (j *Job) StepNamed(name string) *Step {
	var byID *Step
	for s := range j.AllSteps() {
		if s.Path == name {
			return s
		}
		if byID == nil && s.ID == name {
			byID = s
		}
	}
	return byID
}

// StepPaths returns the paths of all steps, in the order of the file.
func (j *Job) StepPaths() []string {
	var paths []string
	for s := range j.AllSteps() {
		paths = append(paths, s.Path)
	}
	return paths
}

// Senders counts the steps that reach a person, and says whether any of them is done for more than one item.
func (j *Job) Senders() (n int, repeated bool) { return countSenders(j.Steps, false) }

func countSenders(steps []*Step, within bool) (n int, repeated bool) {
	for _, s := range steps {
		inside := within || s.ForEach != nil
		if _, ok := s.Sender(); ok {
			n++
			repeated = repeated || inside
		}
		below, again := countSenders(s.Steps, inside)
		n, repeated = n+below, repeated || again
	}
	return n, repeated
}

// everyStep yields steps and those inside them, in the order of the file.
func everyStep(steps []*Step) iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		for _, s := range steps {
			if !yield(s) {
				return
			}
			for inner := range everyStep(s.Steps) {
				if !yield(inner) {
					return
				}
			}
		}
	}
}

// Within says whether --only keeps a step: the step that only names, those inside it, and those around it. Empty keeps all.
func (s *Step) Within(only string) bool {
	return only == "" || s.Path == only ||
		strings.HasPrefix(s.Path, only+"/") || strings.HasPrefix(only, s.Path+"/")
}
