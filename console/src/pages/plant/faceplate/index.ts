export { Faceplate, type FaceplateProps } from './Faceplate';
export { limitsOf, type Limits } from './limits';
