"""Live samples as server-sent events: as they come, resumed, and the last values first."""

import http.client
import json
import threading

from harness import Server, ServerCase, main

T0 = 1_700_000_000


class Follower:
    """Reads one event stream; events are (id, name, data)."""

    def __init__(self, server, path, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.http, timeout=30)
        self.connection.request("GET", path, headers=headers or {})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def take(self, count):
        events, event = [], {}
        while len(events) < count:
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event:
                if "data" in event:
                    events.append((event.get("id"), event["event"], json.loads(event["data"])))
                event = {}
        return events

    def close(self):
        self.answer.close()
        self.connection.close()


class LiveCase(ServerCase):
    def write(self, lines):
        answer = self.server.request("POST", "/write?precision=s", lines)
        self.assertEqual(answer.status, 204)

    def follow(self, path, headers=None):
        follower = Follower(self.server, path, headers)
        self.addCleanup(follower.close)
        self.assertEqual(follower.status, 200)
        self.assertEqual(follower.answer.getheader("content-type"), "text/event-stream")
        return follower


class Live(LiveCase):
    def test_last_values_then_what_comes(self):
        self.write(f"a,p=1 value=1 {T0}\na,p=2 value=2 {T0}\nb,p=1 value=3 {T0}\n")
        follower = self.follow("/api/v1/live?filter=a/%23")
        first = follower.take(2)
        self.assertEqual({data["point"]: data["value"] for _, _, data in first},
                         {"a/1": 1, "a/2": 2})
        self.write(f"b,p=1 value=4 {T0 + 1}\na,p=1 value=5 {T0 + 1}\n")
        (number, name, data), = follower.take(1)
        self.assertEqual(name, "sample")
        self.assertTrue(number.isdigit())
        self.assertEqual(data, {"point": "a/1", "time": "2023-11-14T22:13:21Z", "value": 5,
                                "quality": "good"})

    def test_resume_takes_what_was_missed(self):
        follower = self.follow("/api/v1/live?filter=r/%23&snapshot=false")
        self.write(f"r value=1 {T0}\n")
        (number, _, _), = follower.take(1)
        follower.close()
        self.write("".join(f"r value={i} {T0 + i}\n" for i in range(2, 12)))
        again = self.follow("/api/v1/live?filter=r/%23", {"Last-Event-ID": number})
        self.assertEqual([data["value"] for _, _, data in again.take(10)], list(range(2, 12)))

    def test_an_id_of_an_earlier_life_begins_anew(self):
        server = Server()
        self.addCleanup(server.close)
        server.request("POST", "/write?precision=s", f"e value=1 {T0}\n")
        follower = Follower(server, "/api/v1/live?filter=e")
        follower.take(1)
        server.request("POST", "/write?precision=s", f"e value=2 {T0 + 1}\n")
        (number, _, _), = follower.take(1)
        follower.close()
        server.stop()
        server.start()
        again = Follower(server, "/api/v1/live?filter=e", {"Last-Event-ID": number})
        self.addCleanup(again.close)
        (_, _, data), = again.take(1)
        self.assertEqual(data["value"], 2)

    def test_many_followers_see_the_same(self):
        followers = [self.follow("/api/v1/live?filter=m/%23&snapshot=false") for _ in range(20)]
        writer = threading.Thread(target=lambda: [
            self.write(f"m value={i} {T0 + i}\n") for i in range(50)])
        writer.start()
        for follower in followers:
            self.assertEqual([data["value"] for _, _, data in follower.take(50)], list(range(50)))
        writer.join()

    def test_a_bad_filter_is_refused(self):
        self.assertEqual(self.server.get("/api/v1/live", filter="a/#/b").status, 400)


class Frames(LiveCase):
    def frames(self, path):
        follower = self.follow(path)
        return lambda count=1: [(name, data) for _, name, data in follower.take(count)]

    def values(self, take, want):
        """Reads frames until each path has its value; the paths' last values and qualities."""
        found, passed = {}, 0
        while any(found.get(path) != value for path, value in want.items()):
            (name, data), = take()
            self.assertEqual(name, "frame")
            if data.get("reset"):
                self.paths = []
            if "p" in data:
                self.assertEqual(data["n"], len(self.paths))
                self.paths += data["p"]
            passed += data.get("passed", 0)
            for place, index in enumerate(data.get("i", [])):
                found[self.paths[index]] = data["v"][place]
        return found, passed

    def test_frames_have_the_newest_values(self):
        self.write(f"fr,p=1 value=1 {T0}\nfr,p=2 value=2 {T0}\nother,p=1 value=3 {T0}\n")
        take = self.frames("/api/v1/live?frames=100ms&filter=fr/%23&points=alone/1,alone/2")
        self.assertEqual(self.values(take, {"fr/1": 1, "fr/2": 2})[0], {"fr/1": 1, "fr/2": 2})
        # One body is one batch, so that all of it is in one frame.
        self.write("".join(f"fr,p=1 value={i} {T0 + i}\n" for i in range(1, 11)))
        found, passed = self.values(take, {"fr/1": 10})
        self.assertEqual((found, passed), ({"fr/1": 10}, 9))
        self.write(f"alone,p=1 value=5 {T0}\nother,p=1 value=4 {T0 + 1}\nfr,p=3 value=9 {T0}\n")
        self.assertEqual(self.values(take, {"alone/1": 5, "fr/3": 9})[0],
                         {"alone/1": 5, "fr/3": 9})

    def test_frames_come_when_nothing_changes(self):
        take = self.frames("/api/v1/live?frames=10s&filter=nothing/%23")
        (_, first), (_, second) = take(2)
        self.assertTrue(first["reset"])
        self.assertLess(second["t"] - first["t"], 2600)
        self.assertEqual(list(second), ["t"])

    def test_filters_are_few(self):
        """Each point is compared with all of them, on the thread that serves everybody."""
        for count, status in ((100, 200), (101, 422)):
            path = "/api/v1/live?frames=1s&" + "&".join(f"filter=few/{i}" for i in range(count))
            connection = http.client.HTTPConnection("127.0.0.1", self.server.http, timeout=30)
            self.addCleanup(connection.close)
            connection.request("GET", path)
            self.assertEqual(connection.getresponse().status, status)

    def test_much_comes_in_parts(self):
        count = 10_000
        for time in range(T0, T0 + 50, 5):
            self.write("".join(f"many,p={i} value={i} {time}\n" for i in range(count)))
        take = self.frames("/api/v1/live?frames=100ms&filter=many/%23")
        paths, values, parts, more = [], {}, 0, True
        while more:
            (_, data), = take()
            if list(data) == ["t"]:
                continue  # the picture is being gathered
            self.assertEqual(data.get("reset", False), parts == 0)
            self.assertEqual(data["n"], len(paths))
            self.assertEqual(set(data["u"]), {5000})
            paths += data["p"]
            values.update((paths[i], v) for i, v in zip(data["i"], data["v"]))
            parts, more = parts + 1, data.get("more", False)
        self.assertEqual(parts, 3)
        self.assertEqual(values, {f"many/{i}": i for i in range(count)})

    def test_one_that_stalls_is_told_what_it_missed(self):
        server = Server("http.live_queue_bytes=4KiB")
        self.addCleanup(server.close)
        write = lambda n: server.request("POST", "/write?precision=s", "".join(
            f"stall,p={i} value={n},text=\"{n:0200}\" {T0 + n}\n" for i in range(2_000)))
        write(0)
        follower = Follower(server, "/api/v1/live?frames=100ms&filter=stall/%23")
        self.addCleanup(follower.close)
        # Far more than the sockets of both sides hold while nobody reads.
        for n in range(1, 60):
            write(n)
        passed, newest = 0, -1
        while newest < 59:
            (_, _, data), = follower.take(1)
            passed += data.get("passed", 0)
            numbers = [v for v in data.get("v", []) if isinstance(v, int | float)]
            newest = max([newest, *numbers])
        self.assertGreater(passed, 0)

    def test_what_is_asked_wrongly_is_refused(self):
        for query in ("frames=50ms", "frames=11s", "frames=often", "frames=1s&filter=a/%23/b",
                      "frames=1s&snapshot=false", "frames=1s&points=a/%23"):
            self.assertEqual(self.server.get("/api/v1/live?" + query).status, 400, query)


if __name__ == "__main__":
    main()
