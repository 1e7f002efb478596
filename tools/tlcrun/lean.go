// SPDX-License-Identifier: MIT

package tlcrun

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
)

// lean returns a jar that stands before the jar of TLC on the class path, and saves a brief run
// what TLC sets up to be watched from outside: a fifth of its time. The classes that parse and
// check are not in it.
//
// It hides the two classes with which TLC reports to the JVM's Flight Recorder. TLC goes on
// without them, as it does on a JVM that has no Flight Recorder. The class in their place has
// another name, so that the JVM finds none.
//
// The class with which TLC registers its counters for management tools is TLC's own, but it
// asks for a server of its own, not for the JVM's, which starts with the JVM's own counters.
func lean(tlcJar string) []byte {
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	add := func(name string, class []byte) {
		f, _ := w.Create(name) // a Buffer takes everything
		_, _ = f.Write(class)
	}
	const none = "\xca\xfe\xba\xbe\x00\x00\x00\x34" + // Java 8
		"\x00\x05\x01\x00\x01X\x07\x00\x01\x01\x00\x10java/lang/Object\x07\x00\x03" + // X, an Object
		"\x00\x21\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00"
	add("util/TLAFlightRecorder$MessageEvent.class", []byte(none))
	add("util/TLAFlightRecorder$ProgressEvent.class", []byte(none))
	if class := ownServer(tlcJar); class != nil {
		add(managed, class)
	}
	_ = w.Close()
	return jar.Bytes()
}

const managed = "tlc2/tool/management/TLCStandardMBean.class"

// ownServer returns the class managed of the jar with the name of another method to get the
// server from. Both take nothing and return one. It returns nil for a jar of a TLC that has not just that call.
func ownServer(tlcJar string) []byte {
	class := entryOf(tlcJar, managed)
	for _, name := range [][2]string{
		{"java/lang/management/ManagementFactory", "javax/management/MBeanServerFactory"},
		{"getPlatformMBeanServer", "newMBeanServer"},
	} {
		old := constant(name[0])
		if bytes.Count(class, old) != 1 {
			return nil
		}
		class = bytes.Replace(class, old, constant(name[1]), 1)
	}
	return class
}

// constant is a name as a class file holds it: its length goes before it.
func constant(name string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{1}, uint16(len(name))), name...)
}

// entryOf returns an entry of a jar, or nil.
func entryOf(path, name string) []byte {
	jar, err := zip.OpenReader(path)
	if err != nil {
		return nil
	}
	defer jar.Close()
	f, err := jar.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return nil
	}
	return content
}
