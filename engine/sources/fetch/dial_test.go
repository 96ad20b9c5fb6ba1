package fetch

import (
	"errors"
	"testing"
)

// TestPrivateAddresses: whatever a name resolves to, an address inside a private network is dialled only where it is allowed itself.
func TestPrivateAddresses(t *testing.T) {
	for _, tt := range []struct {
		address string
		allow   string
		fine    bool
	}{
		{"93.184.216.34:443", "files.example.org", true},
		{"[2606:2800:220:1::]:443", "files.example.org", true},
		{"10.1.2.3:443", "files.example.org", false},
		{"10.1.2.3:443", "10.1.2.3", true},
		{"10.1.2.3:8443", "10.1.2.3:8443", true},
		{"192.168.0.1:443", "files.example.org", false},
		{"172.16.0.1:443", "files.example.org", false},
		{"169.254.169.254:80", "files.example.org", false},
		{"100.100.100.200:80", "files.example.org", false},
		{"127.0.0.1:443", "files.example.org", false},
		{"127.0.0.1:443", "localhost:443", true},
		{"0.0.0.0:443", "files.example.org", false},
		{"[::1]:443", "files.example.org", false},
		{"[::1]:443", "[::1]", true},
		{"[fe80::1]:443", "files.example.org", false},
		{"[fd00::1]:443", "files.example.org", false},
		{"[::ffff:10.0.0.1]:443", "files.example.org", false},
		{"224.0.0.1:443", "files.example.org", false},
	} {
		err := Options{Allow: []string{tt.allow}}.checkDialled("tcp", tt.address, nil)
		if _, refused := errors.AsType[*NotAllowedError](err); refused == tt.fine {
			t.Errorf("%s with %s: got %v", tt.address, tt.allow, err)
		}
	}
}
