package eval

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// methods are what a time and a duration (Go's time.Time and time.Duration) can be asked. Nothing else has methods.
func methods() map[string]definition {
	return map[string]definition{
		"Add":     {time.Time.Add},
		"AddDate": {time.Time.AddDate},
		"After":   {time.Time.After},
		"Before":  {time.Time.Before},
		"Day":     {time.Time.Day},
		"Equal":   {time.Time.Equal},
		"Format":  {time.Time.Format},
		"Hour":    {time.Time.Hour},
		"Hours":   {time.Duration.Hours},
		"In":      {time.Time.In},
		"Minute":  {time.Time.Minute},
		"Minutes": {time.Duration.Minutes},
		"Month":   {time.Time.Month},
		"Second":  {time.Time.Second},
		"Seconds": {time.Duration.Seconds},
		"String":  {func(t time.Time) (string, error) { return Text(t) }, time.Duration.String},
		"Sub":     {time.Time.Sub},
		"UTC":     {time.Time.UTC},
		"Unix":    {time.Time.Unix},
		"Weekday": {time.Time.Weekday},
		"Year":    {time.Time.Year},
		"YearDay": {time.Time.YearDay},
	}
}

func methodNames() []string { return slices.Sorted(maps.Keys(methods())) }

// method is now().Year(): the value, the method's name, whether the value may be empty (?.), and the arguments.
// It goes through here and not through expr's reflection, so that a whole number of JSON is one for AddDate.
func method() operator {
	ways := map[string][]signature{}
	for name, d := range methods() {
		for _, f := range d {
			ways[name] = append(ways[name], signatureOf(f))
		}
	}
	return func(b *budget, args []any) (any, error) {
		name, _ := args[1].(string)
		optional, _ := args[2].(bool)
		called := append([]any{args[0]}, args[3:]...)
		for _, s := range ways[name] {
			if s.fits(called, true) {
				return s.call(b, called)
			}
		}
		switch args[0].(type) {
		case time.Time, time.Duration:
			return nil, &fault{bare: true, text: wordFor(args[0]) + " has no " + name + "() that is called with so many values"}
		case nil:
			if optional {
				return nil, nil
			}
		}
		return nil, notA(0, args[0], fmt.Sprintf("a time, so there is no %s()", name))
	}
}
