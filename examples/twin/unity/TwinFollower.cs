// Follows twins in Unity by HTTP and server-sent events, without any package beside Unity's own.
// Not run by our tests, since they have no Unity: written against Unity 2021 LTS and C# 9.
//
// 1. Export the scene: headworks twin scene export bluewater/plant1 plant.glb --described
//    and import plant.glb (glTFast or UnityGLTF). Each object has the name of its node; water and
//    rotors are its children "NAME water" and "NAME rotor".
// 2. Put this script on an empty object, give it the server, the site and the imported root.
//
// It reads the scene for its bindings, the twins once, then follows GET /api/v1/twin/events. On a
// lost connection it begins anew, so that nothing is missed: the first answers are the present.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

public class TwinFollower : MonoBehaviour
{
    [SerializeField] string server = "http://127.0.0.1:8080";
    [SerializeField] string site = "bluewater/plant1";
    [SerializeField] string filter = "bluewater/#";
    [SerializeField] Transform root;

    // What JsonUtility reads of the scene; it leaves out what is not named here.
    [Serializable] class Binding { public string kind, twin, property; public float min, max, factor = 1; }
    [Serializable] class Shape { public string kind = "", form = ""; public float level = 0.75f; }
    [Serializable] class Node { public string id, name, parent, twin; public Shape shape; public Binding[] bindings; }
    [Serializable] class Scene { public Node[] nodes; }
    // One event: {"event":"property","twin":...,"path":...,"value":...,"time":...,"quality":...}.
    [Serializable] class Head { public string twin, path, quality, time; }

    class Bound { public Binding binding; public Transform part; public Vector3 size, axis; public float value; }

    readonly HttpClient http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
    readonly CancellationTokenSource stop = new CancellationTokenSource();
    readonly ConcurrentQueue<string> events = new ConcurrentQueue<string>();
    readonly Dictionary<string, List<Bound>> bound = new Dictionary<string, List<Bound>>();
    const int EventsAFrame = 1000;   // the rest waits for the next frame
    const int EventsKept = 100000;   // beyond it the oldest go: the newest value is what counts

    async void Start()
    {
        try
        {
            Bind(JsonUtility.FromJson<Scene>(await http.GetStringAsync(server + "/api/v1/twins/" + Path(site) + "/scene")));
            while (!stop.IsCancellationRequested)
            {
                try { await Task.Run(() => Follow(stop.Token)); }
                catch (Exception error) when (!stop.IsCancellationRequested) { Debug.LogWarning("twins: " + error.Message); }
                await Task.Delay(2000, stop.Token);
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception error) { Debug.LogError("twins: " + error.Message); }
    }

    void OnDestroy() { stop.Cancel(); http.Dispose(); }

    static string Path(string id)
    {
        var parts = id.Split('/');
        for (int i = 0; i < parts.Length; ++i) parts[i] = Uri.EscapeDataString(parts[i]);
        return string.Join("/", parts);
    }

    // Finds the objects of the imported file by their names.
    void Bind(Scene scene)
    {
        var nodes = new Dictionary<string, Node>();
        foreach (var node in scene.nodes) nodes[node.id] = node;
        var objects = new Dictionary<string, Transform>();
        foreach (var child in root.GetComponentsInChildren<Transform>(true)) objects[child.name] = child;
        foreach (var node in scene.nodes)
        {
            if (node.bindings == null) continue;
            string name = string.IsNullOrEmpty(node.name) ? node.id : node.name;
            foreach (var binding in node.bindings)
            {
                string twin = binding.twin;
                for (var at = node; string.IsNullOrEmpty(twin) && at != null; nodes.TryGetValue(at.parent ?? "", out at)) twin = at.twin;
                string part = binding.kind == "fill" ? name + " water" : binding.kind == "spin" ? name + " rotor" : name;
                if (string.IsNullOrEmpty(twin) || !objects.TryGetValue(part, out var target)) continue;
                string key = twin + "\n" + binding.property;
                if (!bound.TryGetValue(key, out var list)) bound[key] = list = new List<Bound>();
                var shape = node.shape ?? new Shape();
                bool lies = (shape.kind == "pump" && shape.form != "vertical") || (shape.kind == "mixer" && shape.form == "paddle");
                // The file has the water at its described level: divided by it, it is full.
                var size = target.localScale;
                if (binding.kind == "fill") size.y /= Mathf.Max(shape.level, 0.001f);
                list.Add(new Bound { binding = binding, part = target, size = size, axis = lies ? Vector3.right : Vector3.up });
            }
        }
    }

    // One connection, on a thread of its own. "data:" lines belong to one event up to the empty line.
    async Task Follow(CancellationToken token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, server + "/api/v1/twin/events?twins=" + Uri.EscapeDataString(filter));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(), Encoding.UTF8);
        var data = new StringBuilder();
        while (!token.IsCancellationRequested)
        {
            string line = await reader.ReadLineAsync();
            if (line == null) throw new IOException("the server closed the stream");
            if (line.StartsWith("data:")) data.Append(line, 5, line.Length - 5).Append('\n');
            else if (line.Length == 0 && data.Length > 0)
            {
                events.Enqueue(data.ToString());
                data.Clear();
                while (events.Count > EventsKept) events.TryDequeue(out _);
            }
        }
    }

    void Update()
    {
        for (int i = 0; i < EventsAFrame && events.TryDequeue(out var json); ++i) Take(json);
        foreach (var list in bound.Values)
            foreach (var one in list)
                if (one.binding.kind == "spin") one.part.Rotate(one.axis, one.value * 6f * Time.deltaTime);  // 1/min to degrees a second
    }

    void Take(string json)
    {
        var head = JsonUtility.FromJson<Head>(json);
        if (head == null || !bound.TryGetValue(head.twin + "\n" + head.path, out var list)) return;
        if (!Number(json, out float value)) return;
        foreach (var one in list)
        {
            if (one.binding.kind == "fill" && one.binding.max > one.binding.min)
            {
                float share = Mathf.Clamp01((value - one.binding.min) / (one.binding.max - one.binding.min));
                one.part.localScale = new Vector3(one.size.x, one.size.y * Mathf.Max(share, 0.001f), one.size.z);
            }
            else if (one.binding.kind == "spin") one.value = value * one.binding.factor;
        }
    }

    // JsonUtility knows no values of any type: the number, true or false after "value".
    static bool Number(string json, out float value)
    {
        value = 0;
        int at = json.IndexOf("\"value\":", StringComparison.Ordinal);
        if (at < 0) return false;
        at += 8;
        int end = at;
        while (end < json.Length && json[end] != ',' && json[end] != '}') ++end;
        string text = json.Substring(at, end - at).Trim();
        if (text == "true" || text == "false") { value = text == "true" ? 1 : 0; return true; }
        return float.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out value);
    }
}
