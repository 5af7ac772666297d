package trail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ExportLine is a line of an export of the trail: one event with its canonical bytes.
type ExportLine struct {
	Place  int64  `json:"place"` // in the tree, from 1; 0 while it waits
	Event  int64  `json:"event"`
	Leaf   string `json:"leaf"`
	Record string `json:"record"`
}

// Export writes an export: a line an event, and below them what signs the lines.
type Export struct {
	to    io.Writer
	sum   hash.Hash
	lines int
}

// NewExport begins one.
func NewExport(to io.Writer) *Export { return &Export{to: to, sum: sha256.New()} }

// Add writes an event.
func (e *Export) Add(line ExportLine) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	e.sum.Write(text)
	e.lines++
	_, err = e.to.Write(text)
	return err
}

// Sign ends it with the signature, which says as well after which place of the tree
// every event bears a seal.
func (e *Export) Sign(k *Key, sealsAfter int64, at time.Time) error {
	signed, err := k.sign(k.Name()+exportWord, strconv.Itoa(e.lines), hex.EncodeToString(e.sum.Sum(nil)), at.Format(time.RFC3339), sealsLine+strconv.FormatInt(sealsAfter, 10))
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.to, signed)
	return err
}

// exportWord ends the first line of an export's signed note.
const exportWord = " export"

// CheckExport checks an export of the trail by the public key and nothing else, and
// returns how many events it holds: its lines must be those that were signed, and each
// record must hash to the leaf beside it.
func CheckExport(content []byte, key string) (events int, err error) {
	keys, err := Verifiers(key)
	if err != nil {
		return 0, err
	}
	at := bytes.LastIndex(content, []byte("}\n")) + 2
	if at < 2 {
		at = 0
	}
	opened, err := note.Open(content[at:], keys)
	if err != nil {
		return 0, fmt.Errorf("it is not signed with that key: %w", err)
	}
	said := strings.Split(opened.Text, "\n")
	sum := sha256.Sum256(content[:at])
	if len(said) < 4 || !strings.HasSuffix(said[0], exportWord) || said[2] != hex.EncodeToString(sum[:]) {
		return 0, errors.New("its lines are not those that were signed")
	}
	for text := range bytes.Lines(content[:at]) {
		events++
		var line ExportLine
		if err := json.Unmarshal(text, &line); err != nil {
			return 0, fmt.Errorf("line %d: %w", events, err)
		}
		if Leaf([]byte(line.Record)) != line.Leaf {
			return 0, fmt.Errorf("line %d: event %d is not what its hash is of", events, line.Event)
		}
	}
	if said[1] != strconv.Itoa(events) {
		return 0, errors.New("it holds another number of events than was signed")
	}
	return events, nil
}
