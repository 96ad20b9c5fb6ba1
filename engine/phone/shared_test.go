package phone_test

import (
	"fmt"
	"testing"

	"waybill/engine/phone"
)

func TestSharedCode(t *testing.T) {
	for region, want := range map[string]string{
		"GG": "44 GB Guernsey", "CA": "1 US Canada", "KZ": "7 RU Kazakhstan", "GB": "44  ", "ES": "34  ", "": "0  ", "ZZ": "0  ",
	} {
		code, main, name := phone.SharedCode(region)
		if got := fmt.Sprint(code, " ", main, " ", name); got != want {
			t.Errorf("%q: got %q, want %q", region, got, want)
		}
	}
}
