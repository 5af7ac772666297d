package trail

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Seals says from which event on seals are demanded. It is signed, once for a register,
// and kept outside the database: who owns the database cannot move it.
type Seals struct {
	After int64  // so many events at the beginning of the tree bear none
	Event int64  // the last event that was there then, by its number; 0 for none
	Root  string // of the tree of those at the beginning
	At    time.Time
	Note  string // as it was signed
}

// sealsWord ends the first line of the note, so that it is taken for no head.
const sealsWord = " seals"

// SignSeals signs what is demanded.
func (k *Key) SignSeals(s Seals) (Seals, error) {
	var err error
	s.Note, err = k.sign(k.Name()+sealsWord, strconv.FormatInt(s.After, 10), strconv.FormatInt(s.Event, 10), s.Root, s.At.Format(time.RFC3339))
	return s, err
}

// OpenSeals reads such a note and checks its signature. An error says what is wrong
// with it.
func OpenSeals(text string, keys note.Verifiers) (Seals, error) {
	opened, err := note.Open([]byte(text), keys)
	if err != nil {
		return Seals{}, err
	}
	wrong := errors.New("it does not say from where on there are seals")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 6 || lines[0] != opened.Sigs[0].Name+sealsWord {
		return Seals{}, wrong
	}
	s := Seals{Root: lines[3], Note: text}
	var odd [3]error
	s.After, odd[0] = strconv.ParseInt(lines[1], 10, 64)
	s.Event, odd[1] = strconv.ParseInt(lines[2], 10, 64)
	s.At, odd[2] = time.Parse(time.RFC3339, lines[4])
	if errors.Join(odd[:]...) != nil || s.After < 0 {
		return Seals{}, wrong
	}
	return s, nil
}
