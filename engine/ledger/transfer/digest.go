package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Digest tells whether two tables hold the same rows, in whatever order they are read.
type Digest struct {
	Rows int64
	sum  [4]uint64 // of the SHA-256 of each row
	part []byte    // reused
}

// Add takes in a row.
func (d *Digest) Add(r Row) error {
	d.part = d.part[:0]
	for _, v := range r {
		switch v := v.(type) {
		case nil:
			d.part = append(d.part, 0)
		case int64:
			d.part = binary.BigEndian.AppendUint64(append(d.part, 1), uint64(v)) //nolint:gosec // 64 bits either way
		case string:
			d.part = append(binary.BigEndian.AppendUint64(append(d.part, 2), uint64(len(v))), v...)
		case []byte:
			d.part = append(binary.BigEndian.AppendUint64(append(d.part, 3), uint64(len(v))), v...)
		default:
			return fmt.Errorf("a row holds a %T, which no kind of column is", v)
		}
	}
	sum := sha256.Sum256(d.part)
	for i := range d.sum {
		d.sum[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
	d.Rows++
	return nil
}

// Same says whether two digests are of the same rows.
func (d *Digest) Same(other *Digest) bool { return d.Rows == other.Rows && d.sum == other.sum }
