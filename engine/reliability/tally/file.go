package tally

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Count is what one world, or several, came to.
type Count struct {
	Done    int `json:"done"`              // in the proof's own unit: kills, faults, webhooks
	People  int `json:"people"`            // who were to get a message, each once
	Twice   int `json:"twice"`             // who got more than one
	Lost    int `json:"lost"`              // who got none and are not in doubt either
	InDoubt int `json:"inDoubt"`           // who were in doubt when nothing else was left to do
	PauseMS int `json:"pauseMs,omitempty"` // the longest time until the next message after what befell it, in milliseconds; 0: not measured
}

// Plus returns the sum of both, and the longer pause.
func (c Count) Plus(o Count) Count {
	return Count{c.Done + o.Done, c.People + o.People, c.Twice + o.Twice, c.Lost + o.Lost, c.InDoubt + o.InDoubt, max(c.PauseMS, o.PauseMS)}
}

// World is one line of a proof's file: a world that came to its end.
type World struct {
	Number int    `json:"world"` // from 1
	Seed   uint64 `json:"seed"`
	Failed bool   `json:"failed,omitempty"` // it found a fault
	Count
}

// Total returns the sum of worlds, and how many of them failed.
func Total(worlds []World) (sum Count, failed int) {
	for _, w := range worlds {
		sum = sum.Plus(w.Count)
		if w.Failed {
			failed++
		}
	}
	return sum, failed
}

// Path returns where a proof keeps its worlds.
func Path(dir, proof string) string { return filepath.Join(dir, proof+".jsonl") }

// Read returns the worlds that a proof has done so far; none where it was not begun. What an interrupted write left of its
// last line does not count. The error names the line that is none.
func Read(dir, proof string) ([]World, error) {
	text, err := os.ReadFile(Path(dir, proof))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var worlds []World
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break
		}
		var w World
		if err := json.Unmarshal(line, &w); err != nil {
			return nil, fmt.Errorf("%s:%d: %w: remove the line, or the file to begin anew", Path(dir, proof), n, err)
		}
		worlds, text = append(worlds, w), rest
	}
	return worlds, nil
}

// Append notes one more world, on the disk when it returns.
func Append(dir, proof string, w World) error {
	line, err := json.Marshal(w)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(Path(dir, proof), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = appendLine(f, line)
	return errors.Join(err, f.Close())
}

// appendLine writes a line behind the last whole one.
func appendLine(f *os.File, line []byte) error {
	found, err := os.ReadFile(f.Name())
	if err != nil {
		return err
	}
	end := int64(bytes.LastIndexByte(found, '\n') + 1)
	if err := f.Truncate(end); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(line, '\n'), end); err != nil {
		return err
	}
	return f.Sync()
}
