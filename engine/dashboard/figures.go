package dashboard

import (
	"waybill/engine"
	"waybill/engine/wording"
)

// keyFigure is one number at the head of the page.
type keyFigure struct {
	Name, Value, Share, Class string
}

// keyFigures are the numbers at the head.
func keyFigures(c engine.Counts) []keyFigure {
	if c.OfSteps() {
		return figures([]countFigure{
			{"Steps", c.Total, 0, "plain"},
			{"Succeeded", c.Succeeded, c.Total, "read"},
			{"Failed", c.Failed, c.Total, "bad"},
		}, []countFigure{{"Skipped", c.Skipped, c.Total, "plain"}, {"In doubt", c.InDoubt, c.Total, "doubt"}})
	}
	return figures([]countFigure{
		{"Messages", c.Total + c.UnderWay, 0, "plain"},
		{"Accepted", c.Accepted, c.Total, "accepted"},
		{"Delivered", c.Delivered, c.Accepted, "delivered"},
		{"Read", c.Read, c.Accepted, "read"},
		{"Failed", c.Failed, c.Total, "bad"},
		{"In doubt", c.InDoubt, c.Total, "doubt"},
	}, []countFigure{
		{"Not sent", c.NotSent, c.Total, "doubt"},
		{"Waiting", c.Waiting, c.Total, "plain"},
		{"Held", c.Held, c.Accepted, "doubt"},
		{"Skipped", c.Skipped, c.Total, "plain"},
	})
}

// countFigure is a figure before it is written; share is what it is a share of, 0: nothing.
type countFigure struct {
	name     string
	n, share int
	class    string
}

// figures writes them; those in rare only where there are any.
func figures(always, rare []countFigure) []keyFigure {
	var all []keyFigure
	for i, f := range append(always, rare...) {
		if f.n == 0 && i >= len(always) {
			continue
		}
		k := keyFigure{Name: f.name, Value: wording.Number(f.n), Class: f.class}
		if f.share > 0 {
			k.Share = percent(f.n, f.share)
		}
		if f.n == 0 {
			k.Class = "none"
		}
		all = append(all, k)
	}
	return all
}
