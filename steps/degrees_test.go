package steps

import "testing"

func TestDecimalDegrees(t *testing.T) {
	for text, want := range map[string]string{
		"40.41 N": "40.41", "3.70 W": "-3.70", "3,70° W": "-3.70", "N 40° 24' 59.4\"": "40.416500", "40°24′0″S": "-40.400000", "-3.7°": "-3.7",
		"33°52'": "33.866667", "e 2.35": "2.35",
		"3.70 O": "", "S -3.7": "", "N 3 S": "", "Madrid": "", "": "", "40.41, -3.70": "", "4041.5 N": "",
	} {
		if got := decimalDegrees(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
