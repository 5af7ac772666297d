package modelstest

import "syscall"

// tmpfs is the number of a file system in memory; statfs(2).
const tmpfs = 0x01021994

// freeInMemory is how many bytes the file system in memory has left.
func freeInMemory() uint64 {
	var room syscall.Statfs_t
	if err := syscall.Statfs(memoryFolder, &room); err != nil || room.Type != tmpfs {
		return 0
	}
	return room.Bavail * uint64(room.Bsize)
}
