package eval_test

import (
	"testing"
	_ "time/tzdata"

	"waybill/engine/eval"
)

func TestZone(t *testing.T) {
	for name, want := range map[string]bool{
		"Europe/Madrid": true, "UTC": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+5": true,
		"": false, "Local": false, "localtime": false, "posixrules": false, "Factory": false,
		"right/Europe/Madrid": false, "posix/Europe/Madrid": false, "Madrid": false, "../Europe/Madrid": false,
	} {
		zone, err := eval.Zone(name)
		if (err == nil) != want || want && zone.String() != name {
			t.Errorf("%q: %v, %v", name, zone, err)
		}
	}
}
