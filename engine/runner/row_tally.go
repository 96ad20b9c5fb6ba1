package runner

import (
	"cmp"
	"slices"
)

// rowSet says which rows were met: a bit of each.
type rowSet []uint64

// add notes a row, and says whether it is new.
func (s *rowSet) add(row int) bool {
	at, bit := row/64, uint64(1)<<(row%64)
	if at >= len(*s) {
		*s = append(*s, make([]uint64, at+1-len(*s))...)
	}
	if (*s)[at]&bit != 0 {
		return false
	}
	(*s)[at] |= bit
	return true
}

// rowTally counts rows that have something in common, each once, in whatever order they come. It keeps the first of the file.
type rowTally[T any] struct {
	met   rowSet
	rows  int
	first []rowOf[T] // at most mostExamples, in order
}

// rowOf is a row, and what is shown of it.
type rowOf[T any] struct {
	row int
	of  T
}

// meet counts a row, and says whether it is new.
func (t *rowTally[T]) meet(row int, of T) bool {
	if !t.met.add(row) {
		return false
	}
	t.rows++
	at, _ := slices.BinarySearchFunc(t.first, row, func(known rowOf[T], row int) int { return cmp.Compare(known.row, row) })
	if at < mostExamples {
		t.first = slices.Insert(t.first, at, rowOf[T]{row, of})
		t.first = t.first[:min(len(t.first), mostExamples)]
	}
	return true
}

// places names the first rows.
func (t *rowTally[T]) places() string {
	numbers := make([]int, len(t.first))
	for i, known := range t.first {
		numbers[i] = known.row
	}
	return places(numbers, t.rows)
}
