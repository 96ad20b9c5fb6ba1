package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	gocron "github.com/netresearch/go-cron"

	"waybill/engine"
)

// searchYears is how far ahead a matching day is looked for: 29 February is eight years away in 2096.
const searchYears = 12

// Cron is a cron expression in a time zone. It is made by Parse and never changed.
type Cron struct {
	spec    string
	zone    *time.Location
	fields  gocron.Schedule // counts wall clocks, written as times in UTC
	repeats bool            // the hour field has a star: what the clock shows twice runs twice
	days    [2]string       // day of the month and day of the week, as they were written
}

// Parse reads five fields: minute, hour, day of the month, month, day of the week. Each is a star, a number, a range,
// a list of these, and either of the first three with a step; months and days of the week have their English names
// too, in three letters; 0 and 7 are Sunday; ranges may go round the end (FRI-MON, 22-2). @hourly, @daily, @midnight,
// @weekly, @monthly, @yearly and @annually stand for what they say. A nil zone is UTC; the machine's own zone
// (time.Local) is refused, for its name says nothing on another machine. A date that never comes is refused.
//
// The error is written for the author of the job file: it names the field and what is allowed there.
func Parse(spec string, zone *time.Location) (*Cron, error) {
	if zone == nil {
		zone = time.UTC
	}
	if zone == time.Local && zone.String() == "Local" {
		return nil, errors.New(`the time zone must have a name of its own, such as "Europe/Madrid"`)
	}
	parts, err := split(spec)
	if err != nil {
		return nil, err
	}
	parser, err := gocron.TryNewParser(gocron.Minute | gocron.Hour | gocron.Dom | gocron.Month | gocron.Dow | gocron.DowOrDom)
	if err != nil {
		return nil, fmt.Errorf("set up the cron parser: %w", err)
	}
	fields, err := parser.WithMaxSearchYears(searchYears).Parse("TZ=UTC " + strings.Join(parts[:], " "))
	if err != nil {
		return nil, fmt.Errorf("cron expression %s: %w", quote(spec), err)
	}
	if fields.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("no year has such a day: day of the month %s in month %s", quote(parts[2]), quote(parts[3]))
	}
	return &Cron{
		spec: strings.TrimSpace(spec), zone: zone, fields: fields, repeats: strings.Contains(parts[1], "*"), days: [2]string{parts[2], parts[4]},
	}, nil
}

// StarredDay returns the day field that begins with a star and yet names some days alone ("*/2"), where the other names some days
// too; "" when there is none. Such a schedule means one thing here and another to Debian's cron, for which a field that begins
// with a star restricts nothing: it then wants both fields to match.
func (c *Cron) StarredDay() string {
	for i, day := range c.days {
		if other := c.days[1-i]; strings.HasPrefix(day, "*") && restricts(day) && restricts(other) {
			return day
		}
	}
	return ""
}

// restricts says whether a field leaves any value out.
func restricts(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		step, isStar := strings.CutPrefix(part, "*/")
		if n, ok := digits(step); part == "*" || isStar && ok && n == 1 {
			return false
		}
	}
	return true
}

// cronOf reads the schedule that a job has.
func cronOf(job *engine.Job) (*Cron, error) {
	c, err := Parse(job.Schedule.Cron, job.Schedule.Zone)
	if err != nil {
		return nil, fmt.Errorf("schedule of job %s: %w", job.Name, err)
	}
	return c, nil
}

// Next returns the first occurrence after that instant, in the zone of the schedule, or the zero time when the next
// searchYears have none. See the package's comment for what happens where a zone changes its clock.
func (c *Cron) Next(after time.Time) time.Time {
	f, ok := c.next(after)
	if !ok {
		return time.Time{}
	}
	return f.at.In(c.zone)
}

// String returns the expression as it was written, and the zone.
func (c *Cron) String() string { return c.spec + " " + c.zone.String() }
