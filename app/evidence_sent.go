package app

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// Evidence comes in a form whose words stand before its files. The words are read at
// the door, where the token is asked for; the files are read by who takes them, from
// the wire to the vault, and never stand in memory.

// mostFiles is how many files one form may bring.
const mostFiles = 20

const sentKey = "sent"

// evidenceSent is such a form, its words read and its files on the way.
type evidenceSent struct {
	parts *multipart.Reader
	next  *multipart.Part // the first file, already begun
	ended bool
	seen  int
}

// bringsFiles says whether a request is one whose files are evidence.
func bringsFiles(r *http.Request) bool {
	path, ok := strings.CutPrefix(r.URL.Path, views.ItemsPath+"/")
	if !ok || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return false
	}
	_, rest, _ := strings.Cut(path, "/")
	return rest == "evidence" || strings.HasPrefix(rest, "evidence/")
}

// takeWords reads the words of such a form and leaves its files on the wire.
func (s *Server) takeWords(c echo.Context, next echo.HandlerFunc) error {
	r := c.Request()
	most := mostFiles*s.store.FileLimits.Bytes + formBytes
	body := s.body(c, most)
	r.Body = http.MaxBytesReader(nil, r.Body, most)
	err := s.readWords(c)
	if err == nil {
		err = next(c)
	}
	if errors.Is(err, errSignedOut) || errors.Is(err, errToken) { // to name the files that are to be chosen again
		if on, ok := c.Get(sentKey).(*evidenceSent); ok {
			most := s.pace.drop
			if s.isTheirOwn(c, err) {
				most = mostDropped
			}
			c.Set(namesKey, on.names(most))
		}
	}
	s.drain(c, body, err)
	return err
}

// namesKey is under what a request holds the names of the files that were sent in vain.
const namesKey = "names"

// names are those of the files, read up to so many bytes; more than that is told by an ellipsis.
func (on *evidenceSent) names(most int64) (names []string) {
	for on.seen <= mostFiles {
		name, content, err := on.file()
		if err != nil {
			break
		}
		names = append(names, name)
		n, err := io.CopyN(io.Discard, content, most)
		if most -= n; err == nil && most == 0 {
			return append(names, "…")
		}
	}
	return names
}

// isTheirOwn says whether what was refused is a form of somebody of ours: they are signed in
// and the page was too old, or their session has ended.
func (s *Server) isTheirOwn(c echo.Context, err error) bool {
	switch {
	case errors.Is(err, errToken):
		return signedInAs(c).ID != 0 && ours(c.Request())
	case errors.Is(err, errSignedOut):
		cookie, none := c.Cookie(s.session.Cookie.Name)
		return none == nil && !foreign(c.Request()) && s.store.HadSession(c.Request().Context(), cookie.Value)
	}
	return false
}

func (s *Server) readWords(c echo.Context) error {
	r := c.Request()
	_, said, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || said["boundary"] == "" {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	parts := multipart.NewReader(mendHeads(r.Body, said["boundary"]), said["boundary"])
	form, left := url.Values{}, int64(formBytes)
	r.Form, r.PostForm, r.MultipartForm = form, form, &multipart.Form{Value: form}
	on := &evidenceSent{parts: parts}
	c.Set(sentKey, on)
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			on.ended = true
			return nil
		}
		if err != nil || n > 100 {
			return broken(err)
		}
		if sentName(part) != "" {
			on.next = part
			return nil
		}
		word, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return broken(err)
		}
		if left -= int64(len(word)); left < 0 {
			return errTooLarge
		}
		if part.FormName() != "files" { // a field for files that was left empty
			form.Add(part.FormName(), string(word))
		}
	}
}

// errTooManyFiles is a form with more than may come in one.
var errTooManyFiles = errors.New("files too large together")

// broken is a form that did not come to its end, or is none.
func broken(err error) error {
	switch {
	case isLarge(err):
		return errTooManyFiles
	case errors.Is(err, errTooSlow):
		return errTooSlow
	}
	return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
}

// file is the next file of the form with its name, io.EOF after the last.
func (on *evidenceSent) file() (name string, content io.Reader, err error) {
	for {
		part := on.next
		if on.ended {
			return "", nil, io.EOF
		}
		if on.next = nil; part == nil {
			if part, err = on.parts.NextRawPart(); err == io.EOF {
				on.ended = true
				return "", nil, io.EOF
			} else if err != nil {
				return "", nil, broken(err)
			}
		}
		if name := sentName(part); name != "" {
			on.seen++
			return name, part, nil
		}
	}
}

// files reads every file of a form. What is wrong with some is returned beside those
// that are sound, which the caller drops; an error is of the form as a whole.
func (s *Server) files(c echo.Context, b *models.Board) (in []*models.Incoming, problems models.Problems, err error) {
	on, ok := c.Get(sentKey).(*evidenceSent)
	if !ok {
		return nil, nil, nil // a form without files
	}
	defer func() {
		if err != nil {
			dropAll(in)
		}
	}()
	for {
		name, content, err := on.file()
		if err == io.EOF {
			return in, problems, nil
		}
		if err != nil {
			return in, nil, err
		}
		if on.seen > mostFiles {
			problems.Add("files", "evidence.too_many", mostFiles)
			return in, problems, nil
		}
		one, err := b.Receive(name, content)
		var wrong models.Problems
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
			logNotKept(c, err)
			if _, err := io.Copy(io.Discard, content); err != nil {
				return in, nil, broken(err)
			}
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errTooSlow), isLarge(err):
			return in, nil, broken(err)
		case err != nil:
			return in, nil, err
		default:
			in = append(in, one)
		}
	}
}

func isLarge(err error) bool {
	large := (*http.MaxBytesError)(nil)
	return errors.As(err, &large)
}

func dropAll(in []*models.Incoming) {
	for _, one := range in {
		one.Drop()
	}
}
