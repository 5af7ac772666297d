package trail

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the head of the trail's tree at a moment, signed: so many events, and
// the one hash that no other history of as many has. Whoever keeps one can prove later
// that what was before it is still the same.
type Checkpoint struct {
	ID   int64
	Size int64
	Root string
	At   time.Time
	Note string // as it was signed, for printing and for other people's programs
}

// sealsLine begins the line of a head that says from where on seals are demanded.
const sealsLine = "seals after "

// SignHead signs the head of a tree of so many events with that root. The head says as
// well after which place of the tree every event bears a seal.
func (k *Key) SignHead(size int64, root string, sealsAfter int64, at time.Time) (Checkpoint, error) {
	c := Checkpoint{Size: size, Root: root, At: at.UTC().Truncate(time.Second)}
	var err error
	c.Note, err = k.sign(k.Name(), strconv.FormatInt(size, 10), root, at.Format(time.RFC3339), sealsLine+strconv.FormatInt(sealsAfter, 10))
	return c, err
}

// SealsAfter is the place of the tree after which, by this head, every event bears a
// seal. A head of an earlier build says nothing of it.
func (c Checkpoint) SealsAfter() (place int64, said bool) {
	lines := strings.Split(c.Note, "\n")
	if len(lines) < 5 {
		return 0, false
	}
	text, ok := strings.CutPrefix(lines[4], sealsLine)
	if !ok {
		return 0, false
	}
	place, err := strconv.ParseInt(text, 10, 64)
	return place, err == nil && place >= 0
}

// longestLine is how long a line of a text may be that heads are looked for in.
const longestLine = 1 << 20

// FindCheckpoints finds the signed heads in a text, be it a file of one or a mail that
// has one printed in it, quoted or set in. Whether they are signed, Open says.
func FindCheckpoints(text string) []Checkpoint {
	var lines []string
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(scanner.Text(), "> \t")))
	}
	var found []Checkpoint
	for n := range lines {
		if c, ok := checkpointAt(lines[n:]); ok {
			found = append(found, c)
		}
	}
	return found
}

// checkpointAt is the head that these lines begin with: name, size, root, moment, from
// where on there are seals unless an earlier build signed it, nothing, signature.
func checkpointAt(lines []string) (c Checkpoint, ok bool) {
	const least = 6
	if len(lines) < least || !strings.HasPrefix(lines[0], namePrefix) {
		return c, false
	}
	end := 4
	if strings.HasPrefix(lines[end], sealsLine) {
		end++
	}
	if end+1 >= len(lines) || lines[end] != "" || !strings.HasPrefix(lines[end+1], "— "+lines[0]+" ") {
		return c, false
	}
	c = Checkpoint{Root: lines[2], Note: strings.Join(lines[:end+2], "\n") + "\n"}
	c.Size, _ = strconv.ParseInt(lines[1], 10, 64)
	c.At, _ = time.Parse(time.RFC3339, lines[3])
	c.At = c.At.UTC()
	return c, true
}

// Open checks a head's signature and that it says what was signed. An error says what
// is wrong with it.
func (c Checkpoint) Open(keys note.Verifiers) error {
	opened, err := note.Open([]byte(c.Note), keys)
	if err != nil {
		return err
	}
	said := FindCheckpoints(c.Note)
	if len(said) != 1 || !strings.HasPrefix(said[0].Note, opened.Text) {
		return errors.New("it is no head of a trail")
	}
	if c.Size != said[0].Size || c.Root != said[0].Root || !c.At.Equal(said[0].At) {
		return errors.New("it says something else than what was signed")
	}
	return nil
}

// signedHead is the one head in a text, signed with one of the keys.
func signedHead(text string, keys note.Verifiers) (Checkpoint, error) {
	found := FindCheckpoints(text)
	if len(found) != 1 {
		return Checkpoint{}, errors.New("it holds no signed head")
	}
	if err := found[0].Open(keys); err != nil {
		return Checkpoint{}, fmt.Errorf("its head is not signed with that key: %w", err)
	}
	return found[0], nil
}
