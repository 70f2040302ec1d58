package todos

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"encore.dev/beta/errs"
	"github.com/rivo/uniseg"
)

// kiss is one emoji of 35 bytes, the longest there is.
const kiss = "👩🏽‍❤️‍💋‍👨🏽"

func TestParseText(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a letter":                {"x", "x"},
		"a digit":                 {"0", "0"},
		"a full stop":             {".", "."},
		"an emoji":                {"👍", "👍"},
		"a flag":                  {"🇨🇭", "🇨🇭"},
		"blanks inside":           {"buy  milk", "buy  milk"},
		"blanks around it":        {" \u00a0\u3000buy milk \t", "buy milk"},
		"line breaks around it":   {"\r\nbuy milk\n\u2028", "buy milk"},
		"markup":                  {`<b>"milk" & 'bread'</b>; DROP TABLE todos`, `<b>"milk" & 'bread'</b>; DROP TABLE todos`},
		"right to left":           {"לקנות חלב", "לקנות חלב"},
		"accent by itself":        {"cafe\u0301", "cafe\u0301"},
		"500 letters":             {strings.Repeat("x", 500), strings.Repeat("x", 500)},
		"500 letters and blanks":  {strings.Repeat(" ", 99_999) + strings.Repeat("x", 500), strings.Repeat("x", 500)},
		"500 letters of two":      {strings.Repeat("e\u0301", 500), strings.Repeat("e\u0301", 500)},
		"500 of the widest emoji": {strings.Repeat(kiss, 500), strings.Repeat(kiss, 500)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseText(test.text); err != nil || got != test.want {
				t.Errorf("got %q, err = %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestParseText_ErrInvalidArgument(t *testing.T) {
	for name, test := range map[string]struct{ text, message string }{
		"nothing":               {"", "the text is empty"},
		"blanks":                {" \t\n\u00a0\u2003", "the text is empty"},
		"zero-width space":      {"\u200b", "the text is empty"},
		"byte order mark":       {"\ufeff", "the text is empty"},
		"joiners":               {"\u200d\u200d", "the text is empty"},
		"an accent on nothing":  {"\u0301", "the text is empty"},
		"a variation selector":  {"\ufe0f", "the text is empty"},
		"Hangul filler":         {"\u3164", "the text is empty"},
		"empty Braille cell":    {"\u2800", "the text is empty"},
		"direction marks":       {"\u200e\u202e", "the text is empty"},
		"tags":                  {"\U000e0041", "the text is empty"},
		"NUL":                   {"buy\x00milk", "the text has a line break or another control character"},
		"line break":            {"buy\nmilk", "the text has a line break or another control character"},
		"tab":                   {"buy\tmilk", "the text has a line break or another control character"},
		"escape":                {"\x1b[31mmilk", "the text has a line break or another control character"},
		"delete":                {"milk\x7f!", "the text has a line break or another control character"},
		"C1 control":            {"buy\u0085milk", "the text has a line break or another control character"},
		"line separator":        {"buy\u2028milk", "the text has a line break or another control character"},
		"paragraph separator":   {"buy\u2029milk", "the text has a line break or another control character"},
		"invalid UTF-8":         {"milk\xff", "the text is not valid UTF-8"},
		"half of a surrogate":   {"\xed\xa0\x80", "the text is not valid UTF-8"},
		"overlong":              {"\xc0\x80", "the text is not valid UTF-8"},
		"501 letters":           {strings.Repeat("x", 501), "the text has more than 500 characters"},
		"501 emojis":            {strings.Repeat(kiss, 501), "the text has more than 500 characters"},
		"one letter, long":      {"x" + strings.Repeat("\u0301", 10_000), "the text has more than 20000 bytes"},
		"a megabyte of letters": {strings.Repeat("x", 1<<20), "the text has more than 20000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := parseText(test.text)
			if e := wantError(t, err, errs.InvalidArgument); e.Message != test.message || text != "" {
				t.Errorf("got %q, message %q, want %q", text, e.Message, test.message)
			}
		})
	}
}

// FuzzParseText checks that an accepted text is within the limits.
func FuzzParseText(f *testing.F) {
	for _, text := range []string{"buy milk", " x\n", "\u200b", kiss, "e\u0301", "\xff", "a\x00b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseText(text)
		if err != nil {
			wantError(t, err, errs.InvalidArgument)
			return
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || strings.TrimSpace(got) != got ||
			got == "" || len(got) > maxTextBytes || uniseg.GraphemeClusterCount(got) > maxTextLength {
			t.Errorf("%q became %q", text, got)
		}
		if again, err := parseText(got); err != nil || again != got {
			t.Errorf("%q became %q, err = %v", got, again, err)
		}
	})
}
