package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Check looks for damage all over the file, unless it is so large that this takes minutes: engine.ErrDamaged. It only reads.
func (l *Ledger) Check(ctx context.Context) error {
	return l.readers.use(func(c *connection) error { return quickCheck(ctx, c, l.path) })
}

// Holder says who sends from the ledger right now; see engine.Keeper.
func (l *Ledger) Holder(context.Context) (string, error) { return Holder(l.path) }

// Holder says who sends from the ledger at path right now; empty: no process. What a killed process wrote into its lock
// file does not count, since the system took its lock away. It makes no file.
func Holder(path string) (who string, err error) {
	f, err := os.Open(path + suffixLock) //nolint:gosec // the path is the user's to choose
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look at the lock of the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// A free lock file is empty, but for one of a killed sender. Only then is the lock itself tried, for a moment.
	held, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil || len(held) == 0 {
		return "", err
	}
	free, err := lockFile(f)
	if err != nil || free {
		return "", err
	}
	return strings.TrimSpace(string(held)), nil
}
