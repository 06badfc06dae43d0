// The styles of every Mantine component; in layers, so that the order of loading does not matter.
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
