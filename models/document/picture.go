package document

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decoded, never written
	"io"
)

// decodedMost is how many bytes the pixels of a picture may take while it is made smaller.
// One is made smaller at a time.
const decodedMost = 100 << 20

// Sizes to which pictures are made smaller, by their longer side.
const (
	Thumbnail = 320
	Screen    = 1600
)

// Fits says whether the pixels of a picture fit into the memory that is given to them. What
// it asks is the head of the file alone.
func (t Type) Fits(r io.ReaderAt, size int64) bool {
	config, _, err := image.DecodeConfig(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	if err != nil {
		return false
	}
	each := int64(4)
	switch config.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	case color.Gray16Model:
		each = 2
	case color.GrayModel:
		each = 1
	case color.YCbCrModel:
		each = 3
	}
	if t == JPEG && progressive(r, size) {
		each *= 5 // its coefficients are kept until the last of them is read
	}
	return int64(config.Width)*int64(config.Height)*each <= decodedMost
}

// progressive says whether a JPEG is of the kind that comes in several passes.
func progressive(r io.ReaderAt, size int64) bool {
	found := false
	jpegSegments(r, size, func(marker byte, _ []byte) bool {
		found = found || marker == 0xC2
		return marker == 0xC2
	})
	return found
}

// jpegSegments shows the segments before a picture's pixels, until see has seen
// enough.
func jpegSegments(r io.ReaderAt, size int64, see func(marker byte, segment []byte) (enough bool)) {
	in := bufio.NewReader(io.NewSectionReader(r, 2, max(size-2, 0)))
	for range 10_000 {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:2]); err != nil || head[0] != 0xFF {
			return
		}
		for head[1] == 0xFF { // padding
			c, err := in.ReadByte()
			if err != nil {
				return
			}
			head[1] = c
		}
		if head[1] == 0xDA || head[1] == 0xD9 { // the pixels, or the end
			return
		}
		if _, err := io.ReadFull(in, head[2:]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(head[2:])) - 2
		if n < 0 {
			return
		}
		segment := make([]byte, n)
		if _, err := io.ReadFull(in, segment); err != nil || see(head[1], segment) {
			return
		}
	}
}

// ErrNoPicture says that a file, though its head is sound, has no pixels that can be drawn.
var ErrNoPicture = errors.New("no picture")

// Draw is a file's picture as a JPEG, drawn anew with at most so many pixels along its
// longer side and the right way up. What stood beside the pixels, such as the place it was
// taken at, is not in it. One that does not fit is ErrNoPicture.
func (t Type) Draw(r io.ReaderAt, size int64, longer int) ([]byte, error) {
	whole, _, err := image.Decode(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	if err != nil {
		return nil, ErrNoPicture
	}
	from := whole.Bounds()
	w, h := from.Dx(), from.Dy()
	if most := max(w, h); most > longer {
		w, h = max(w*longer/most, 1), max(h*longer/most, 1)
	}
	small := smaller(whole, w, h)
	whole = nil
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(small, t.orientation(r, size)), &jpeg.Options{Quality: 82})
	return out.Bytes(), err
}

// smaller draws a picture at another size on white: each of its points is the mean of
// a few from the part of the picture it stands for.
func smaller(whole image.Image, w, h int) *image.RGBA {
	const samples = 3 // along either side
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	from, ok := whole.(image.RGBA64Image)
	if !ok {
		return small
	}
	b := from.Bounds()
	at := func(n, of, size, low int) int { return low + min((2*n+1)*size/(2*of), size-1) }
	for y := range h {
		for x := range w {
			var r, g, bl uint32
			for sy := range samples {
				fy := at(y*samples+sy, h*samples, b.Dy(), b.Min.Y)
				for sx := range samples {
					c := from.RGBA64At(at(x*samples+sx, w*samples, b.Dx(), b.Min.X), fy)
					paper := 0xFFFF - uint32(c.A)
					r, g, bl = r+uint32(c.R)+paper, g+uint32(c.G)+paper, bl+uint32(c.B)+paper
				}
			}
			const all = samples * samples << 8
			small.SetRGBA(x, y, color.RGBA{uint8(r / all), uint8(g / all), uint8(bl / all), 0xFF})
		}
	}
	return small
}

// orientation is how a camera was held, as it wrote into the picture: 1 to 8.
func (t Type) orientation(r io.ReaderAt, size int64) int {
	held := 1
	if t != JPEG {
		return held
	}
	jpegSegments(r, size, func(marker byte, segment []byte) bool {
		exif, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
		if marker != 0xE1 || !ok || len(exif) < 8 {
			return false
		}
		var order binary.ByteOrder = binary.LittleEndian
		if string(exif[:2]) == "MM" {
			order = binary.BigEndian
		}
		at := int64(order.Uint32(exif[4:]))
		if at+2 > int64(len(exif)) {
			return true
		}
		entries := exif[at+2:]
		for range order.Uint16(exif[at:]) {
			if len(entries) < 12 {
				break
			}
			if v := order.Uint16(entries[8:]); order.Uint16(entries) == 0x0112 && v >= 1 && v <= 8 {
				held = int(v)
			}
			entries = entries[12:]
		}
		return true
	})
	return held
}

// upright turns a picture by how the camera was held.
func upright(p *image.RGBA, held int) image.Image {
	if held == 1 {
		return p
	}
	w, h := p.Bounds().Dx(), p.Bounds().Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if held >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var tx, ty int
			switch held {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			to.SetRGBA(tx, ty, p.RGBAAt(x, y))
		}
	}
	return to
}
