package eval

import (
	"fmt"
	"time"
)

// timeMethods are the methods of times and durations (Go's time.Time and time.Duration) that expressions may call.
func timeMethods() []string {
	return []string{
		"Add", "AddDate", "After", "Before", "Day", "Equal", "Format", "Hour", "Hours", "In", "Minute", "Minutes",
		"Month", "Second", "Seconds", "String", "Sub", "UTC", "Unix", "Weekday", "Year", "YearDay",
	}
}

// method is now().Year(): the value, the method's name, whether the value may be empty (?.), and the arguments.
// It goes through here and not through reflection, so that nothing else of a value can be called.
func method(c call) (any, error) {
	name, err := c.text(1)
	if err != nil {
		return nil, err
	}
	args := call{budget: c.budget, args: c.args[3:]}
	switch of := c.args[0].(type) {
	case time.Time:
		return timeMethod(of, name, args)
	case time.Duration:
		return durationMethod(of, name, args)
	case nil:
		if optional, _ := c.args[2].(bool); optional {
			return nil, nil
		}
	}
	return nil, c.wrong(0, fmt.Sprintf("a time, so there is no %s()", name))
}

// timeMethod calls a method of a time.
func timeMethod(t time.Time, name string, c call) (any, error) {
	if len(c.args) > 0 {
		return timeMethodWith(t, name, c)
	}
	switch name {
	case "Year":
		return t.Year(), nil
	case "Month":
		return t.Month(), nil
	case "Day":
		return t.Day(), nil
	case "YearDay":
		return t.YearDay(), nil
	case "Weekday":
		return t.Weekday(), nil
	case "Hour":
		return t.Hour(), nil
	case "Minute":
		return t.Minute(), nil
	case "Second":
		return t.Second(), nil
	case "Unix":
		return t.Unix(), nil
	case "UTC":
		return t.UTC(), nil
	case "String":
		return textOf(t)
	}
	return nil, &fault{bare: true, text: "a time has no " + name + "() without arguments"}
}

func timeMethodWith(t time.Time, name string, c call) (any, error) {
	switch name {
	case "Format":
		return format(t, c)
	case "AddDate":
		return addDate(t, c)
	case "In":
		if zone, ok := c.args[0].(*time.Location); ok {
			return t.In(zone), nil
		}
		return nil, &fault{bare: true, text: `In(…) wants a time zone: In(timezone("Europe/Madrid"))`}
	case "Add":
		if d, ok := c.args[0].(time.Duration); ok {
			return t.Add(d), nil
		}
		return nil, &fault{bare: true, text: `Add(…) wants a duration: Add(duration("36h"))`}
	}
	other, ok := c.args[0].(time.Time)
	if !ok {
		return nil, &fault{bare: true, text: name + "(…) wants a time"}
	}
	switch name {
	case "After":
		return t.After(other), nil
	case "Before":
		return t.Before(other), nil
	case "Equal":
		return t.Equal(other), nil
	case "Sub":
		return t.Sub(other), nil
	}
	return nil, &fault{bare: true, text: "a time has no " + name + "() with arguments"}
}

func format(t time.Time, c call) (any, error) {
	layout, ok := c.args[0].(string)
	if !ok || len(layout) > 200 {
		return nil, &fault{bare: true, text: `Format(…) wants a layout of at most 200 letters: Format("02/01/2006")`}
	}
	return t.Format(layout), c.spend(50 + 8*len(layout))
}

func addDate(t time.Time, c call) (any, error) {
	if len(c.args) != 3 {
		return nil, &fault{bare: true, text: "AddDate(…) wants years, months and days: AddDate(0, 0, 1)"}
	}
	var by [3]int
	for i := range by {
		n, err := c.whole(i)
		if err != nil || n > 1e6 || n < -1e6 {
			return nil, &fault{bare: true, text: "AddDate(…) wants whole numbers of years, months and days"}
		}
		by[i] = n
	}
	return t.AddDate(by[0], by[1], by[2]), nil
}

func durationMethod(d time.Duration, name string, c call) (any, error) {
	if len(c.args) == 0 {
		switch name {
		case "Hours":
			return d.Hours(), nil
		case "Minutes":
			return d.Minutes(), nil
		case "Seconds":
			return d.Seconds(), nil
		case "String":
			return d.String(), nil
		}
	}
	return nil, &fault{bare: true, text: "a duration has no " + name + "()"}
}
