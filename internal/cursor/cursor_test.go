package cursor_test

import (
	"errors"
	"math"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"encore.app/internal/cursor"
)

func TestLimit(t *testing.T) {
	for asked, want := range map[int]int{0: 20, 1: 1, 20: 20, 100: 100, -1: 0, 101: 0, math.MaxInt: 0} {
		got, err := cursor.Limit(asked)
		if got != want || errors.Is(err, cursor.ErrLimit) != (want == 0) {
			t.Errorf("%d: %d, err = %v, want %d", asked, got, err, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, list := range []string{"", "notes:person:1", "users:\x00\xff", strings.Repeat("x", 10_000)} {
		for _, id := range []int64{0, 1, 7, math.MaxInt64, math.MinInt64, -1} {
			for _, key := range []string{"", "a", "émile %", "\U0010FFFF", strings.Repeat("é", cursor.MaxKey/2)} {
				want := cursor.Position{Key: key, ID: id}
				text := cursor.Encode(list, want)
				if got, err := cursor.Decode(list, text); err != nil || got != want {
					t.Errorf("%+v, err = %v, want %+v", got, err, want)
				}
				if url.QueryEscape(text) != text || (key == "" && len(text) != 24) {
					t.Errorf("%q needs escaping or has the wrong length", text)
				}
			}
		}
	}
}

func TestDecode_ErrInvalid(t *testing.T) {
	const list = "notes:person:1"
	good := cursor.Encode(list, cursor.Position{ID: 7})
	withKey := func(key string) string { return cursor.Encode(list, cursor.Position{Key: key, ID: 7}) }
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"an id", "7"},
		{"another list", cursor.Encode("notes:person:2", cursor.Position{ID: 7})},
		{"a list that starts with this one's name", cursor.Encode("notes:person:12", cursor.Position{ID: 7})},
		{"another id with this one's digest", cursor.Encode(list, cursor.Position{ID: 8})[:11] + good[11:]},
		{"another key with this one's digest", withKey("abc")[:15] + withKey("abd")[15:]},
		{"part of the key in the list's name", cursor.Encode(list+"\x00\x00\x00\x00\x00\x00\x00\x00\x07a", cursor.Position{ID: 7})},
		{"a key of invalid UTF-8", withKey("a\xff")},
		{"a key with NUL", withKey("a\x00")},
		{"a key too long", withKey(strings.Repeat("a", cursor.MaxKey+1))},
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
			if p, err := cursor.Decode(list, tt.text); !errors.Is(err, cursor.ErrInvalid) || p != (cursor.Position{}) {
				t.Errorf("%+v, err = %v, want ErrInvalid", p, err)
			}
		})
	}
}

func TestDecode_ChangedCharacter(t *testing.T) {
	const list, alphabet = "notes:person:1", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	good := cursor.Encode(list, cursor.Position{Key: "alice", ID: 1234567890123})
	for i := range good {
		for _, c := range alphabet {
			changed := good[:i] + string(c) + good[i+1:]
			if _, err := cursor.Decode(list, changed); (err == nil) != (changed == good) {
				t.Errorf("%q: err = %v", changed, err)
			}
		}
	}
}

// A text is a cursor if and only if Encode returns it.
func FuzzDecode(f *testing.F) {
	f.Add("notes:person:1", cursor.Encode("notes:person:1", cursor.Position{ID: 7}))
	f.Add("users:al", cursor.Encode("users:al", cursor.Position{Key: "alice", ID: 7}))
	f.Add("notes:person:1", cursor.Encode("notes:person:2", cursor.Position{ID: 7}))
	f.Add("", "")
	f.Add("users:al", "AAAAAAAAAAAAAAAAAAAAAAA=")
	f.Fuzz(func(t *testing.T, list, text string) {
		p, err := cursor.Decode(list, text)
		if err != nil {
			if !errors.Is(err, cursor.ErrInvalid) {
				t.Fatalf("err = %v", err)
			}
			return
		}
		if again := cursor.Encode(list, p); again != text {
			t.Fatalf("%q and %q are both cursors of %+v", text, again, p)
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("notes:person:1", "notes:person:2", "", int64(7))
	f.Add("users:al", "users:ali", "alice", int64(7))
	f.Fuzz(func(t *testing.T, list, other, key string, id int64) {
		if !utf8.ValidString(key) || strings.ContainsRune(key, 0) || len(key) > cursor.MaxKey {
			return
		}
		p := cursor.Position{Key: key, ID: id}
		text := cursor.Encode(list, p)
		if got, err := cursor.Decode(list, text); err != nil || got != p {
			t.Fatalf("%+v, err = %v, want %+v", got, err, p)
		}
		if _, err := cursor.Decode(other, text); err == nil && other != list {
			t.Fatalf("a cursor of %q is valid for %q", list, other)
		}
	})
}
