package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"duban/models"
)

// S3 is a vault in a bucket, for replicas on several machines. Files on their way
// in and out stand in this machine's temporary folder under no name, and are gone
// with the program whichever way it ends.
type S3 struct {
	bucket bucket
	prefix string
}

// bucket is what is asked of a store's bucket. It holds these four and not the client: a
// client behind an interface, as a vault is, would have the linker keep all that its
// library can do.
type bucket struct {
	// put sends one file in one request: what is not sent to its end is not there at all.
	put    func(ctx context.Context, name string, from io.Reader, size int64) error
	get    func(ctx context.Context, name string) (io.ReadCloser, error)
	remove func(ctx context.Context, name string) error
	list   func(ctx context.Context, within string) <-chan minio.ObjectInfo
}

// bucketOf is the bucket of that name, as a client reaches it.
func bucketOf(client *minio.Client, name string) bucket {
	return bucket{
		put: func(ctx context.Context, object string, from io.Reader, size int64) error {
			whole := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true}
			put, err := client.PutObject(ctx, name, object, from, size, whole)
			if err == nil && put.Size != size {
				return io.ErrShortWrite
			}
			return err
		},
		get: func(ctx context.Context, object string) (io.ReadCloser, error) {
			return client.GetObject(ctx, name, object, minio.GetObjectOptions{})
		},
		remove: func(ctx context.Context, object string) error {
			return client.RemoveObject(ctx, name, object, minio.RemoveObjectOptions{})
		},
		list: func(ctx context.Context, within string) <-chan minio.ObjectInfo {
			return client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: within, Recursive: true})
		},
	}
}

// OpenS3 opens the bucket, which must be there: whoever runs the store decides who
// may read it.
func OpenS3(ctx context.Context, address string, keys Keys) (*S3, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("files s3:%s: want s3:https://host/bucket", address)
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" {
		return nil, fmt.Errorf("files s3:%s: names no bucket", address)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(keys.Access, keys.Secret, ""), Secure: u.Scheme == "https", Region: keys.Region, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("files s3: %w", err)
	}
	there, err := client.BucketExists(ctx, name)
	if err == nil && !there {
		err = fmt.Errorf("there is no bucket %s: make it first, readable by this program alone", name)
	}
	s := &S3{bucketOf(client, name), prefix}
	if err == nil {
		err = s.probe(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("files s3:%s: %w", address, err)
	}
	return s, nil
}

// probe keeps and removes a word, as files will be.
func (s *S3) probe(ctx context.Context) error {
	passing, err := nameless()
	if err != nil {
		return fmt.Errorf("the temporary folder, through which files pass: %w", err)
	}
	_ = passing.Close()
	const name = "probe"
	if err := s.bucket.put(ctx, path.Join(s.prefix, name), strings.NewReader("duban"), 5); err != nil {
		return err
	}
	return s.bucket.remove(ctx, path.Join(s.prefix, name))
}

// nameless is a temporary file that is gone when it is closed.
func nameless() (*os.File, error) {
	file, err := os.CreateTemp("", "duban-*")
	if err != nil {
		return nil, noRoom(err)
	}
	return file, os.Remove(file.Name())
}

// Take reads into a temporary file.
func (s *S3) Take(_ context.Context, from io.Reader, most int64) (models.Draft, error) {
	file, err := nameless()
	if err != nil {
		return nil, err
	}
	d := &draft{File: file, keep: s.keep, drop: func() {}}
	if err := d.fill(from, most); err != nil {
		d.Drop()
		return nil, err
	}
	return d, nil
}

func (s *S3) keep(ctx context.Context, d *draft, key string) error {
	if !valid(key) {
		return fs.ErrInvalid
	}
	return s.bucket.put(ctx, s.name(key), io.NewSectionReader(d, 0, d.size), d.size)
}

func (s *S3) name(key string) string { return path.Join(s.prefix, kept, key) }

// Open fetches what is kept under a key.
func (s *S3) Open(ctx context.Context, key string) (models.Content, error) {
	if !valid(key) {
		return nil, fs.ErrNotExist
	}
	object, err := s.bucket.get(ctx, s.name(key))
	if err != nil {
		return nil, missing(err)
	}
	defer object.Close()
	file, err := nameless()
	if err != nil {
		return nil, err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{full{file, os.TempDir()}}, struct{ io.Reader }{object}, make([]byte, 64<<10))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, missing(err)
	}
	return file, nil
}

// missing says in Go's words that there is no such key.
func missing(err error) error {
	if minio.ToErrorResponse(err).Code == "NoSuchKey" {
		return errors.Join(fs.ErrNotExist, err)
	}
	return err
}

// Remove removes it. What is not there is no error.
func (s *S3) Remove(ctx context.Context, key string) error {
	if !valid(key) {
		return fs.ErrInvalid
	}
	if err := s.bucket.remove(ctx, s.name(key)); err != nil && !errors.Is(missing(err), fs.ErrNotExist) {
		return err
	}
	return nil
}

// Each shows every key with how long ago it was written, by the store's clock.
func (s *S3) Each(ctx context.Context, see func(key string, age time.Duration) error) error {
	ctx, done := context.WithCancel(ctx) // an end before the last key ends the listing
	defer done()
	within := s.name("") + "/"
	for o := range s.bucket.list(ctx, within) {
		if o.Err != nil {
			return o.Err
		}
		if err := see(strings.TrimPrefix(o.Key, within), time.Since(o.LastModified)); err != nil {
			return err
		}
	}
	return nil
}

// Tidy has nothing to do: a draft has no name that could be left behind.
func (s *S3) Tidy(context.Context, time.Duration) (int, error) { return 0, nil }
