package eval

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"waybill/engine/rows"
)

func conversionFunctions() map[string]definition {
	return map[string]definition{
		"string":     {Text},
		"int":        {toInt},
		"float":      {toFloat},
		"toJSON":     {toJSON},
		"fromJSON":   {fromJSON},
		"toBase64":   {func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }},
		"fromBase64": {fromBase64},
		"type":       {typeName},
		"default":    {fallback},
		"phone":      {func(any) (string, error) { return "", errNoReader }}, // reader stands in its place: it needs the country too
	}
}

var errNoReader = errors.New("phone() cannot be used here")

// reader is phone(x), with the run's country behind x.
func reader(read func(text string, country any) (string, error)) operator {
	return func(_ *budget, args []any) (any, error) {
		if read == nil {
			return nil, errNoReader
		}
		if args[0] == nil {
			return nil, notA(0, nil, "")
		}
		text, err := Text(args[0])
		if err != nil {
			return nil, err
		}
		number, err := read(text, args[1])
		if err != nil {
			return nil, &fault{bare: true, text: err.Error()}
		}
		return number, nil
	}
}

func toInt(v any) (int, error) {
	switch v := v.(type) {
	case string:
		n, err := strconv.ParseInt(withoutZeros(strings.TrimSpace(v)), 10, 64)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return 0, &fault{text: "is too big for a whole number"}
		case err != nil:
			return 0, notWritten(v, "int", "whole number")
		}
		return int(n), nil
	case float64:
		if math.IsNaN(v) || math.Abs(v) >= 1<<63 {
			return 0, &fault{text: "is too big for a whole number"}
		}
		return int(v), nil
	case time.Duration:
		return int(v), nil
	}
	return wholeAt(0, v)
}

func toFloat(v any) (float64, error) {
	text, ok := v.(string)
	if !ok {
		return floatAt(0, v)
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, &fault{text: "is too big for a number"}
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return 0, notWritten(text, "float", "number")
	}
	return n, nil
}

// fallback is default(a, b) where it is not a call of two values, for those are a ?? b. It is here for its shape and its name.
func fallback(value, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return value
}

// toJSON is compact, and keeps < > & as they are.
func toJSON(b *budget, v any) (string, error) {
	if err := b.spendOn(v); err != nil {
		return "", err
	}
	v, err := plain(v)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", &fault{text: "cannot be written as JSON"}
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// fromJSON reads one JSON value. Reading costs more than most calls, by the letter.
func fromJSON(b *budget, text string) (any, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	if err := b.spend(6 * len(text)); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, &fault{text: "is not JSON"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault{text: "holds more than one JSON value"}
	}
	return rows.Numbers(v), nil
}

func fromBase64(text string) (string, error) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", &fault{text: "is not base64"}
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

// typeName keeps expr's words, which other expr programs use.
func typeName(v any) string { return kindOf(v).expr }
