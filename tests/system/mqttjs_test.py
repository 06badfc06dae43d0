"""MQTT.js against the broker, over TCP and WebSocket; the cases are in mqttjs_test.mjs."""

from harness import main
from javascript import test_case

MqttJs = test_case("mqttjs_test.mjs", ["mqtt"])

if __name__ == "__main__":
    main()
