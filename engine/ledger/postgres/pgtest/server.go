package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing means that the programs are not installed.
var ErrMissing = errors.New("PostgreSQL's programs are not here: apt-get install postgresql pgbouncer")

// startFor is how long a server may take to start.
const startFor = 60 * time.Second

// Server is a PostgreSQL that runs. Use Start.
type Server struct {
	Dir  string // its data folder
	Port int

	bin     string // where its programs are
	root    string // what is removed with it
	cmd     *exec.Cmd
	pooler  *exec.Cmd
	pooled  int // the pooler's port
	options []string
}

// Start makes a cluster and starts it, with fsync on. Options are settings, "wal_level=replica". ErrMissing: it is not installed.
func Start(options ...string) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	root, err := folder()
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: filepath.Join(root, "data"), bin: bin, root: root, options: options}
	err = s.run("initdb", "-D", s.Dir, "-A", "trust", "-N", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")
	if err == nil {
		err = s.Up()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	return s, nil
}

// Clone starts another server on a copy of the data folder that from gives: "pg_basebackup", or a file copy of one that is down.
func (s *Server) Clone(from func(dir string) error, options ...string) (*Server, error) {
	root, err := folder()
	if err != nil {
		return nil, err
	}
	c := &Server{Dir: filepath.Join(root, "data"), bin: s.bin, root: root, options: options}
	if err = from(c.Dir); err == nil {
		err = c.Up()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	return c, nil
}

// Backup copies the data folder of a server that runs, as a standby of it or as a backup.
func (s *Server) Backup(dir string, standby bool) error {
	args := []string{"-D", dir, "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "postgres", "-c", "fast", "-X", "stream"}
	if standby {
		args = append(args, "-R")
	}
	return s.run("pg_basebackup", args...)
}

// Up starts a server that is down.
func (s *Server) Up() error {
	if s.Port == 0 {
		var err error
		if s.Port, err = freePort(); err != nil {
			return err
		}
	}
	args := []string{
		"-D", s.Dir, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + s.root,
		"-c", "wal_keep_size=128MB", // a copy is made while others write
	}
	for _, o := range s.options {
		args = append(args, "-c", o)
	}
	log, err := os.OpenFile(filepath.Join(s.root, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                                           // the server has its own
	s.cmd = exec.CommandContext(context.Background(), filepath.Join(s.bin, "postgres"), args...) //nolint:gosec // programs of the system
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Dir = log, log, s.root
	if err := asUser(s.cmd); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.await(s.Port, "postgres")
}

// Down stops it: in order, or as a loss of power would.
func (s *Server) Down(kill bool) error {
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	how := syscall.SIGINT
	if kill {
		how = syscall.SIGQUIT
	}
	err := s.cmd.Process.Signal(how)
	if err == nil {
		_ = s.cmd.Wait() // it ends with a status of its own
	}
	s.cmd = nil
	return err
}

// Close stops all, and takes the folder away.
func (s *Server) Close() error {
	return errors.Join(s.DownPooler(), s.Down(false), os.RemoveAll(s.root))
}

// URL is the address of a database.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.Port, database)
}

// PooledURL is the address of a database through PgBouncer in transaction mode, which is started with the first call.
func (s *Server) PooledURL(database string) (string, error) {
	if s.pooler == nil {
		if err := s.startPooler(); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.pooled, database), nil
}

// DownPooler kills PgBouncer, if it runs: connections through it end. UpPooler starts it again, where it was.
func (s *Server) DownPooler() error {
	if s.pooler == nil {
		return nil
	}
	err := s.pooler.Process.Kill()
	_ = s.pooler.Wait() // killed
	s.pooler = nil
	return err
}

// UpPooler starts PgBouncer again after DownPooler.
func (s *Server) UpPooler() error { return s.startPooler() }

// Exec runs a statement in a database.
func (s *Server) Exec(database, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL(database))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, sql)
	return errors.Join(err, c.Close(ctx))
}

// Create makes an empty database.
func (s *Server) Create(database string) error {
	return s.Exec("postgres", "CREATE DATABASE "+database)
}

func (s *Server) startPooler() error {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !exists(program) {
			return ErrMissing
		}
	}
	if s.pooled == 0 {
		s.pooled, err = freePort()
	}
	if err != nil {
		return err
	}
	ini := filepath.Join(s.root, "pgbouncer.ini")
	// Few servers for many clients, so that a client meets what another left behind.
	text := fmt.Sprintf("[databases]\n* = host=127.0.0.1 port=%d user=postgres\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\n"+
		"auth_type=any\npool_mode=transaction\ndefault_pool_size=5\nmax_client_conn=2000\nunix_socket_dir=\nlogfile=%s\n",
		s.Port, s.pooled, filepath.Join(s.root, "pgbouncer.log"))
	if err := os.WriteFile(ini, []byte(text), 0o644); err != nil { //nolint:gosec // another user reads it
		return err
	}
	s.pooler = exec.CommandContext(context.Background(), program, "-q", ini) //nolint:gosec // a program of the system
	s.pooler.Dir = s.root
	if err := asUser(s.pooler); err != nil {
		return err
	}
	if err := s.pooler.Start(); err != nil {
		s.pooler = nil
		return err
	}
	return s.await(s.pooled, "postgres")
}

// await waits until a server answers.
func (s *Server) await(port int, database string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable&default_query_exec_mode=exec", port, database))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.root, "log"))
			return fmt.Errorf("the server on port %d does not answer: %w\n%s", port, err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) run(program string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, program), args...) //nolint:gosec // programs of the system
	cmd.Dir = s.root
	if err := asUser(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// Installed says whether PostgreSQL is here.
func Installed() bool {
	_, err := programs()
	return err == nil
}

// programs is the folder of the newest PostgreSQL.
func programs() (string, error) {
	if !supported {
		return "", ErrMissing
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return versionOf(a) - versionOf(b) })
	if n := len(found); n > 0 && exists(filepath.Join(found[n-1], "initdb")) {
		return found[n-1], nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", ErrMissing
}

func versionOf(bin string) int {
	n, _ := strconv.Atoi(strings.Split(filepath.Base(filepath.Dir(bin)), ".")[0])
	return n
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// folder is one that the servers' user may write in: in memory where that can be, which is fast with fsync on.
func folder() (string, error) {
	in := ""
	if exists("/dev/shm") {
		in = "/dev/shm"
	}
	root, err := os.MkdirTemp(in, "waybill-pg-")
	if err != nil {
		return "", err
	}
	return root, own(root)
}

func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // of a TCP listener
	return port, l.Close()
}
