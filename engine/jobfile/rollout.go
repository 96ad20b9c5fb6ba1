package jobfile

import (
	"fmt"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/source"
)

// rollout reads in which waves a forEach sends; nil for none.
func (d *document) rollout(f *source.Field) *engine.Rollout {
	if f == nil || f.Kind != source.Map || f.Broken {
		return nil
	}
	r := &engine.Rollout{Observe: d.durationOr(f.Field("observe"), engine.DefaultObserve), Range: f.Range}
	if waves := f.Field("waves"); waves != nil && waves.Kind == source.List && !waves.Broken {
		r.Waves = d.waves(waves.Node)
	}
	stop := f.At("stopIf")
	r.StopIf = engine.StopIf{Failed: d.threshold(stop.Field("failed")), Held: d.threshold(stop.Field("held"))}
	if codes := stop.At("codes"); codes != nil {
		for _, code := range codes.Items {
			r.StopIf.Codes = append(r.StopIf.Codes, code.AsInt())
		}
	}
	return r
}

// waves reads how far each wave goes. Numbers and shares cannot be compared, so each kind must grow by itself.
func (d *document) waves(list *source.Node) []engine.Wave {
	waves := make([]engine.Wave, 0, len(list.Items))
	var most engine.Wave
	for _, n := range list.Items {
		if d.faulty[n] || n.Broken {
			return nil
		}
		count, share, ok := d.amount("a wave", n)
		if !ok {
			return nil
		}
		if count > 0 && count <= most.Count || share > 0 && share <= most.Share || most.Share == 1 {
			d.Fault("bad-rollout", n.Range, fmt.Sprintf("the wave %s is not greater than the one before it", n.Text),
				"A wave says how many people have been messaged once it is over, those of the waves before it among them.", "")
			return nil
		}
		most = engine.Wave{Count: max(most.Count, count), Share: max(most.Share, share)}
		waves = append(waves, engine.Wave{Count: count, Share: share})
	}
	if most.Share != 1 && len(list.Items) > 0 {
		d.Fault("bad-rollout", list.Items[len(list.Items)-1].Range, "the last wave is not everybody", "Those beyond it would never be messaged.",
			"add 100%")
	}
	return waves
}

// threshold reads how many are too many: a count, or a share such as 5%.
func (d *document) threshold(f *source.Field) engine.Threshold {
	if f == nil || f.Broken || d.faulty[f.Node] {
		return engine.Threshold{}
	}
	count, share, _ := d.amount(f.Name, f.Node)
	return engine.Threshold{Count: count, Share: share}
}

// amount reads a count, or a share such as 5% as 0.05. What is neither was reported, or is reported now: then it is not ok.
func (d *document) amount(name string, n *source.Node) (count int, share float64, ok bool) {
	text, isShare := strings.CutSuffix(n.AsText(), "%")
	if !isShare {
		return n.AsInt(), 0, true
	}
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, 0, false
	}
	if percent <= 0 || percent > 100 {
		hint := ""
		if name == "stopAfter" {
			hint = "stopAfter: 1 ends the group with the first failure"
		}
		d.Fault("bad-value", n.Range, name+" must be more than 0% and at most 100%", "", hint)
		return 0, 0, false
	}
	return 0, percent / 100, true
}
