package todos

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

const (
	// maxTextLength is in grapheme clusters (Unicode Standard Annex 29), so that a
	// letter with its accents or a family emoji counts as one.
	maxTextLength = 500
	// maxTextBytes limits the accents. 500 of the longest emojis (35 bytes) fit.
	maxTextBytes = 20_000
)

// parseText trims whitespace. It returns errs.InvalidArgument if the text is not valid.
func parseText(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", invalid("the text is not valid UTF-8")
	}
	text = strings.TrimSpace(text)
	if len(text) > maxTextBytes {
		return "", invalid("the text has more than 20000 bytes")
	}
	visible := false
	for _, r := range text {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) {
			return "", invalid("the text has a line break or another control character")
		}
		visible = visible || isVisible(r)
	}
	if !visible {
		return "", invalid("the text is empty")
	}
	if uniseg.GraphemeClusterCount(text) > maxTextLength {
		return "", invalid("the text has more than 500 characters")
	}
	return text, nil
}

// isVisible reports whether the character is visible on its own. Hangul fillers and the
// empty Braille cell count as letters and symbols, but are blank.
func isVisible(r rune) bool {
	const brailleBlank = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != brailleBlank
}
