package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
	"waybill/engine/sources/query"
)

// DefaultQueryTimeout is how long a query may take with all of its rows, where the job says nothing.
const DefaultQueryTimeout = 5 * time.Minute

// database is a query.
type database struct{ world World }

func (*database) Key() string       { return "sql" }
func (*database) Options() []string { return nil }

func (*database) Origin(f *engine.ForEach) engine.Origin {
	driver, _ := f.From.Field("driver").Constant()
	return engine.Origin{Name: fmt.Sprintf("query of %v", driver), Spooled: true}
}

// Check refuses a password in the job file. No database is asked.
func (k *database) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	shape := engine.Shape{Item: eval.OpenObject(nil)}
	var found diag.List
	if span, given := c.From.Field("timeout").Constant(); given && span != nil {
		if _, err := engine.Duration(span); err != nil {
			found = append(found, fault("bad-duration", c.From.Field("timeout").Range(), fmt.Sprintf("timeout: %v", err), "", "")...)
		}
	}
	dsn := c.From.Field("dsn")
	if t := dsn.Template(); t == nil || len(t.Variables()) > 0 {
		return shape, found
	}
	value, _ := dsn.Constant()
	text, _ := value.(string)
	if text == "" {
		return shape, found // the schema says so
	}
	driver, _ := c.From.Field("driver").Constant()
	name, _ := driver.(string)
	if name == query.SQLite {
		if _, err := sqliteFile(text, c.Open); err != nil {
			found = append(found, engine.Unreadable(c.Job, dsn.Range(), text, err))
		}
	}
	if password := query.Password(name, text); password != "" {
		k.world.hide(password)
		found = append(found, fault("literal-password", dsn.Range(), "the dsn holds a password",
			"Whoever reads the job file could read it.", "put the dsn into a variable of the environment, and write dsn: $<DSN>")...)
	}
	return shape, found
}

func (w World) hide(secret string) {
	if w.Hide != nil && secret != "" {
		w.Hide(secret)
	}
}

// Open asks the query, once a command.
func (k *database) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	given, _ := c.Value.(map[string]any)
	r := query.Request{}
	r.Driver, _ = given["driver"].(string)
	r.DSN, _ = given["dsn"].(string)
	r.Query, _ = given["query"].(string)
	r.Args, _ = given["args"].([]any)
	name := fmt.Sprintf("query of %s, step %s", r.Driver, c.Step)
	limit := DefaultQueryTimeout
	if span, ok := given["timeout"]; ok {
		var err error
		if limit, err = engine.Duration(span); err != nil {
			return nil, err
		}
	}
	identity, err := json.Marshal([]any{r.Driver, r.DSN, r.Query, r.Args})
	if err != nil {
		return nil, fmt.Errorf("the query: %w", err)
	}
	if r.Driver != query.SQLite {
		k.world.hide(query.Password(r.Driver, r.DSN))
	}
	if c.Given != nil {
		return &kept{Copy: c.Given, name: name}, nil
	}
	if r.Driver == query.SQLite {
		if r.DSN, err = sqliteFile(r.DSN, c.Open); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(identity)
	read, err := keep(ctx, c, "sql\x00"+hex.EncodeToString(sum[:]), name, func(ctx context.Context, w *rowWriter) (findings, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err := ask(ctx, r, w)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return findings{}, fault("query-failed", c.ForEach.FromRange, fmt.Sprintf("%s: it took longer than %s", name, limit), "",
				"say timeout: with the longest that it may take").Err()
		}
		return findings{}, queryFault(c.ForEach, name, err)
	})
	if rows, ok := read.(*kept); ok && err == nil {
		took(c, rows.Copy)
	}
	return read, err
}

// ask writes the rows of a query.
func ask(ctx context.Context, r query.Request, w *rowWriter) error {
	var columns []string
	number := 0
	return query.Read(ctx, r, func(names []string) error {
		columns = make([]string, len(names))
		for i, name := range names {
			columns[i] = rows.Composed(name)
		}
		return nil
	}, func(values []any, wrong error) error {
		number++
		item := make(map[string]any, len(columns))
		for i, column := range columns {
			item[column] = values[i]
			if text, ok := values[i].(string); ok {
				item[column] = rows.Cell(text)
			}
		}
		return w.row(number, item, wrong)
	})
}

// queryFault says at which place of the job file a query is wrong.
func queryFault(f *engine.ForEach, name string, err error) error {
	failed, ok := errors.AsType[*query.Error](err)
	if !ok {
		return err
	}
	text := f.From.Field("query")
	at, hint := text.Range(), ""
	switch t := text.Template(); {
	case !failed.Connects:
		at, hint = f.From.Field("dsn").Range(), "is the database there, and are the dsn and the rights of its user as they should be?"
	case failed.Position > 0 && t != nil:
		at = t.At(failed.Position-1, failed.Position)
	}
	return fault("query-failed", at, name+": "+failed.Error(), "", hint).Err()
}

// sqliteFile finds the database of a job, which is one of its files.
func sqliteFile(path string, open engine.Opener) (string, error) {
	file, err := open.Open(path)
	if err != nil {
		return "", err
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	if real, ok := file.(*os.File); ok {
		return real.Name(), nil
	}
	return "", fmt.Errorf("%s is no file of this machine", path)
}
