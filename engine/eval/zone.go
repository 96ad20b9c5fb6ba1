package eval

import (
	"fmt"
	"strings"
	"time"
)

// Zone finds a time zone by its name in the IANA database, such as Europe/Madrid. What other names a machine has for files of its
// own is refused everywhere, for a job means the same on each machine: localtime and posixrules are links to the machine's zone,
// Factory stands for none, and below posix/ and right/ all zones are once more, with leap seconds in the latter.
func Zone(name string) (*time.Location, error) {
	switch name {
	case "", "Local", "localtime", "posixrules", "Factory":
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	if strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q: %w", name, err)
	}
	return zone, nil
}
