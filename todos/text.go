package todos

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

const (
	// maxTextLength is counted as people count: in grapheme clusters (Unicode
	// Standard Annex 29), so that a letter with its accents or a family emoji is one.
	maxTextLength = 500
	// maxTextBytes bounds what a cluster of endless accents would not. The
	// longest emojis have 35 bytes, and 500 of them are within it.
	maxTextBytes = 20_000
)

// parseText returns the text of a todo without the blanks and line breaks
// around it. It returns errs.InvalidArgument for what can't be one.
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

// isVisible reports whether the character by itself puts ink on the page. Some
// letters and one symbol are blank: fillers in Hangul and the empty Braille cell.
func isVisible(r rune) bool {
	const brailleBlank = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != brailleBlank
}
