package leftover

import (
	"strings"

	"waybill/engine/pattern"
)

//nolint:gochecknoglobals // constant
var (
	// misread are letters of UTF-8 that were read in Windows-1252: Ã© for é, â€™ for ’. As people write them, Ã and Â stand before letters.
	misread = pattern.Lazy(`[ÃÂ][\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“•˜™š›œžŸ]|â€[\x{80}-\x{BF}™œ˜“”¦¢]`)
	// encoded are those of an address or a mail: %C3%A9, =C3=A9, =?utf-8?Q?…
	encoded = pattern.Lazy(`%C[23]%[89AB][0-9A-F]|=C[23]=[89AB][0-9A-F]|=\?[A-Za-z0-9-]{3,20}\?[QqBb]\?`)
	// lost is a letter in whose place a program that had no sign for it wrote a question mark: Nu?ez.
	lost = pattern.Lazy(`\pL\?\p{Ll}`)
)

// garbled finds letters that lost their shape on their way through other programs.
func garbled(text string) []Piece {
	var found []Piece
	add := func(at [][]int) {
		for _, piece := range at {
			found = append(found, Piece{Garbled, piece[0], piece[1]})
		}
	}
	if strings.Contains(text, "Ã") || strings.Contains(text, "Â") || strings.Contains(text, "â€") {
		add(misread().FindAllStringIndex(text, most))
	}
	if (strings.Contains(text, "%C") || strings.Contains(text, "=")) && !strings.Contains(text, "://") {
		add(encoded().FindAllStringIndex(text, most))
	}
	if at := strings.IndexAny(text, "\u202d\u202e"); at >= 0 { // turn the letters of the whole message behind them round
		found = append(found, Piece{Garbled, at, at + len("\u202e")})
	}
	if strings.Contains(text, "?") && !strings.ContainsAny(text, "/=&@") { // of addresses
		add(lost().FindAllStringIndex(text, most))
	}
	return found
}
