package cli

import "testing"

// TestFleetingMount reads what is mounted where as the kernel lists it.
func TestFleetingMount(t *testing.T) {
	const mounts = `22 1 0:21 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/a,upperdir=/b
23 22 0:22 / /proc rw,nosuid - proc proc rw
24 22 8:1 /data /work/state rw,relatime shared:2 master:3 - ext4 /dev/sda1 rw
25 22 0:30 / /work/state/quick rw - tmpfs tmpfs rw,size=64k
26 22 8:2 / /with\040space rw - xfs /dev/sdb rw
not a line
`
	for dir, want := range map[string]string{
		"/work/job/.waybill":       "it is in a container's own file system, which goes with the container",
		"/work/state/.waybill":     "",
		"/work/stateless":          "it is in a container's own file system, which goes with the container",
		"/work/state/quick/x":      "it is in memory alone (tmpfs at /work/state/quick)",
		"/with space/job/.waybill": "",
	} {
		if got := fleetingMount(mounts, dir); got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
	if got := fleetingMount("", "/x"); got != "" {
		t.Errorf("without a list: %q", got)
	}
}
