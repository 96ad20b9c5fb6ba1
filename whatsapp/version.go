package whatsapp

import (
	"regexp"
	"time"
)

// VersionEnd returns until when the version in a base address answers, and that version, such as v25.0. The time is zero where no
// end is announced or the version is not known here; the version is empty where the address names none. Source: Graph API,
// changelog/versions, November 2026.
func VersionEnd(baseURL string) (version string, end time.Time) {
	version = versionPattern().FindString(baseURL)
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	switch version {
	case "v20.0":
		return version, day(2026, time.September, 24)
	case "v21.0":
		return version, day(2027, time.January, 21)
	case "v22.0":
		return version, day(2027, time.May, 20)
	case "v23.0":
		return version, day(2027, time.October, 8)
	case "v24.0":
		return version, day(2028, time.February, 18)
	case "v25.0":
		return version, day(2028, time.July, 29)
	}
	return version, time.Time{}
}

func versionPattern() *regexp.Regexp { return regexp.MustCompile(`v\d{1,3}\.\d{1,2}`) }
