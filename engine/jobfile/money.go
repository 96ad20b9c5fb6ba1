package jobfile

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/price"
	"waybill/engine/source"
)

// limits reads the guards against more than anybody meant.
func (d *document) limits(f *source.Field) engine.Limits {
	l := engine.Limits{Recipients: f.At("recipients").AsInt(), PerDay: f.At("perDay").AsInt(), Range: f.Range}
	cost := f.Field("cost")
	if cost == nil || cost.Kind != source.Text || cost.Broken || d.faulty[cost.Node] {
		return l
	}
	money, err := price.ParseMoney(cost.Text)
	if err != nil {
		d.Fault("bad-value", cost.Range, fmt.Sprintf("limits.cost: %v", err), "", `write it as "120 EUR"`)
		return l
	}
	l.Cost, l.CostRange = &money, cost.Range
	return l
}

// rates reads where the rate card is. That it is there is looked at here; what is in it, when messages are priced.
func (d *document) rates(f *source.Field) {
	if f == nil || f.Kind != source.Text || f.Broken || f.Text == "" {
		return
	}
	d.job.Rates = engine.Rates{File: f.Text, Range: f.Range}
	file, err := d.files.Open(f.Text)
	if err != nil {
		d.List = append(d.List, engine.Unreadable(d.job, f.Range, f.Text, err))
		return
	}
	_ = file.Close() // opened for reading
}
