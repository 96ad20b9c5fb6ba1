package steps

import (
	"regexp"
	"strconv"
	"strings"
)

// degreesPattern is an angle as maps and people write it: 40.41 N, 3,70° W, N 40° 24' 59.4", 40°24′59″S.
var degreesPattern = regexp.MustCompile(
	`^([NSEWnsew]?)\s*([-+]?\d{1,3}(?:[.,]\d+)?)\s*[°º]?\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|″|”|'')\s*)?([NSEWnsew]?)$`)

// decimalDegrees is an angle in decimal degrees, north and east without a sign; empty: the text is none. O is no letter of it, which is
// the west in Spanish and the east in German.
func decimalDegrees(text string) string {
	parts := degreesPattern.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil || parts[1] != "" && parts[5] != "" {
		return ""
	}
	degrees := strings.Replace(strings.TrimPrefix(parts[2], "+"), ",", ".", 1)
	letter := strings.ToUpper(parts[1] + parts[5])
	negative := strings.HasPrefix(degrees, "-")
	if letter != "" && negative {
		return "" // twice, and nobody knows which is meant
	}
	degrees = strings.TrimPrefix(degrees, "-")
	if parts[3]+parts[4] != "" {
		sum := parsed(degrees) + parsed(parts[3])/60 + parsed(parts[4])/3600
		degrees = strconv.FormatFloat(sum, 'f', 6, 64)
	}
	if negative || letter == "S" || letter == "W" {
		degrees = "-" + degrees
	}
	return degrees
}

func parsed(text string) float64 {
	value, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		return 0 // it is not there
	}
	return value
}
