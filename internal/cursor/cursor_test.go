package cursor_test

import (
	"errors"
	"math"
	"net/url"
	"strings"
	"testing"

	"encore.app/internal/cursor"
)

func TestDecode(t *testing.T) {
	for _, list := range []string{"", "todos:person:1", "users:\x00\xff", strings.Repeat("x", 10_000)} {
		for _, id := range []int64{0, 1, 7, math.MaxInt64, math.MinInt64, -1} {
			text := cursor.Encode(list, id)
			if got, err := cursor.Decode(list, text); err != nil || got != id {
				t.Errorf("id = %d, err = %v, want %d", got, err, id)
			}
			if url.QueryEscape(text) != text || len(text) != 24 {
				t.Errorf("%q needs escaping or has another length", text)
			}
		}
	}
}

func TestDecode_ErrInvalid(t *testing.T) {
	const list = "todos:person:1"
	good := cursor.Encode(list, 7)
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"an id", "7"},
		{"another list", cursor.Encode("todos:person:2", 7)},
		{"a list of which this one is the start", cursor.Encode("todos:person:12", 7)},
		{"another id with this one's digest", cursor.Encode(list, 8)[:11] + good[11:]},
		{"cut short", good[:23]},
		{"longer", good + "A"},
		{"padded", good + "="},
		{"with a line break", good[:12] + "\n" + good[12:]},
		{"a line break in place of the last character", good[:23] + "\n"},
		{"line breaks only", strings.Repeat("\r\n", 12)},
		{"standard base64", strings.Repeat("+/", 12)},
		{"not ASCII", strings.Repeat("é", 12)},
		{"invalid UTF-8", strings.Repeat("\xff", 24)},
		{"NUL", strings.Repeat("\x00", 24)},
		{"zeroes", strings.Repeat("A", 24)},
		{"in lower case", strings.ToLower(good)},
		{"huge", strings.Repeat(good, 100_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if id, err := cursor.Decode(list, tt.text); !errors.Is(err, cursor.ErrInvalid) || id != 0 {
				t.Errorf("id = %d, err = %v, want ErrInvalid", id, err)
			}
		})
	}
}

// TestDecode_AnyChange: each character counts.
func TestDecode_AnyChange(t *testing.T) {
	const list, alphabet = "todos:person:1", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	good := cursor.Encode(list, 1234567890123)
	for i := range good {
		for _, c := range alphabet {
			changed := good[:i] + string(c) + good[i+1:]
			if _, err := cursor.Decode(list, changed); (err == nil) != (changed == good) {
				t.Errorf("%q: err = %v", changed, err)
			}
		}
	}
}

// FuzzDecode: a text is a cursor if and only if Encode makes it.
func FuzzDecode(f *testing.F) {
	f.Add("todos:person:1", cursor.Encode("todos:person:1", 7))
	f.Add("todos:person:1", cursor.Encode("todos:person:2", 7))
	f.Add("", "")
	f.Add("users:al", "AAAAAAAAAAAAAAAAAAAAAAA=")
	f.Fuzz(func(t *testing.T, list, text string) {
		id, err := cursor.Decode(list, text)
		if err != nil {
			if !errors.Is(err, cursor.ErrInvalid) {
				t.Fatalf("err = %v", err)
			}
			return
		}
		if again := cursor.Encode(list, id); again != text {
			t.Fatalf("%q and %q are cursors of %d", text, again, id)
		}
	})
}

// FuzzEncode: whatever Encode makes, Decode reads, for its list alone.
func FuzzEncode(f *testing.F) {
	f.Add("todos:person:1", "todos:person:2", int64(7))
	f.Fuzz(func(t *testing.T, list, other string, id int64) {
		text := cursor.Encode(list, id)
		if got, err := cursor.Decode(list, text); err != nil || got != id {
			t.Fatalf("id = %d, err = %v, want %d", got, err, id)
		}
		if _, err := cursor.Decode(other, text); err == nil && other != list {
			t.Fatalf("a cursor of %q is one of %q", list, other)
		}
	})
}
