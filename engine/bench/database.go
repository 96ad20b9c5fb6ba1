package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// database is a store in PostgreSQL: a group is one round trip and one transaction.
type database struct {
	conn           *pgx.Conn
	settle, intend string
}

const (
	makeSQL = `CREATE TABLE IF NOT EXISTS delivery (id bigint PRIMARY KEY, key text COLLATE "C" UNIQUE, recipient text, message text,
		intended bigint, settled bigint) WITH (fillfactor = 70)`
	settleSQL = `UPDATE delivery d SET message = n.message, settled = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, message) WHERE d.id = n.id`
	intendSQL = `INSERT INTO delivery (id, key, recipient, intended) SELECT id, key, recipient, $4
		FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n (id, key, recipient)`
)

func openDatabase(ctx context.Context, url string) (*database, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	d := &database{conn: conn, settle: settleSQL, intend: intendSQL}
	if _, err := conn.Exec(ctx, makeSQL); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return d, nil
}

func (d *database) save(ctx context.Context, group []record) error {
	var settled, intended []int64
	var messages, keys, to []string
	for _, r := range group {
		if r.durable == nil {
			settled, messages = append(settled, r.id), append(messages, r.message)
		} else {
			intended, keys, to = append(intended, r.id), append(keys, r.key), append(to, r.to)
		}
	}
	now := time.Now().UnixMilli()
	batch := &pgx.Batch{}
	if len(settled) > 0 {
		batch.Queue(d.settle, settled, messages, now)
	}
	if len(intended) > 0 {
		batch.Queue(d.intend, intended, keys, to, now)
	}
	if batch.Len() == 0 {
		return nil
	}
	return d.conn.SendBatch(ctx, batch).Close()
}

func (d *database) close() error { return d.conn.Close(context.Background()) }

// serverCPU is the user and system time that a PostgreSQL server took until now, with all of its processes: those that ended count for
// their parent.
func serverCPU(dataDir string) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	postmaster, _, _ := strings.Cut(string(text), "\n")
	sum, _, err := ticks(postmaster, true)
	if err != nil {
		return 0, err
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if n, parent, err := ticks(e.Name(), false); err == nil && parent == postmaster { // what is gone by now has no stat
			sum += n
		}
	}
	return time.Duration(sum) * clockTick, nil
}

// clockTick is Linux's, on all of its machines.
const clockTick = time.Second / 100

// ticks reads the processor time of a process, with that of children that ended, and its parent.
func ticks(pid string, children bool) (sum int64, parent string, err error) {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return 0, "", err
	}
	_, rest, found := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	if !found || len(fields) < 15 {
		return 0, "", fmt.Errorf("/proc/%s/stat cannot be read", pid)
	}
	times := fields[11:13] // utime, stime
	if children {
		times = fields[11:15]
	}
	for _, t := range times {
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return 0, "", err
		}
		sum += n
	}
	return sum, fields[1], nil
}
